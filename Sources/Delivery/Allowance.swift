// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A bounded amount of something, of which clients hold shares for a while.
///
/// It never makes anyone wait: who does not get a share is told so at once.
final class Allowance: Sendable {
    private let total: Int
    private let used = Mutex(0)

    init(of total: Int) {
        self.total = total
    }

    var inUse: Int { used.withLock { $0 } }

    /// A share that ends with its last reference; `nil` if not that much is left.
    func share(of amount: Int) -> Share? {
        used.withLock { used in
            guard amount <= total - used else { return nil }
            used += amount
            return Share(of: self, amount: amount)
        }
    }

    /// What one client holds.
    final class Share: Sendable {
        private let allowance: Allowance
        private let amount: Mutex<Int>

        fileprivate init(of allowance: Allowance, amount: Int) {
            self.allowance = allowance
            self.amount = Mutex(amount)
        }

        deinit {
            resize(to: 0)
        }

        /// Gives back what is no longer needed.
        func resize(to new: Int) {
            let change = amount.withLock { amount in
                defer { amount = new }
                return new - amount
            }
            allowance.used.withLock { $0 += change }
        }
    }
}
