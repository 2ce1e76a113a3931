// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

internal import CModbus
internal import Glibc

/// A strip of memory that libmodbus takes for a serial line: it writes its question at the beginning
/// and reads on from there, where the answer lies already.
///
///     0 question 8 | answer …
///
/// It is a file that exists in memory only, and mapped: the answer is laid there and the question
/// looked at without a call of the system, and a file is read at half the cost of a socket.
struct Tape: ~Copyable {
    /// One page; question and answer take 264 bytes at most.
    private static let size = 4096

    /// What libmodbus writes and reads; it stands at the beginning of the tape.
    let descriptor: Int32
    private let memory: UnsafeMutableRawBufferPointer

    init() throws(ModbusError) {
        let descriptor = try Descriptors.admit(Self.memory())
        let memory =
            ftruncate(descriptor, Self.size) == 0
            ? mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0) : MAP_FAILED
        guard let memory, memory != MAP_FAILED else {
            let reason = errno
            close(descriptor)
            throw .broken(errno: reason)
        }
        self.descriptor = descriptor
        self.memory = UnsafeMutableRawBufferPointer(start: memory, count: Self.size)
    }

    /// A hardened box refuses memory that might be run (vm.memfd_noexec, Linux 6.3); an older kernel
    /// does not know how to say that it is not (EINVAL, memfd_create(2)).
    private static func memory() -> Int32 {
        let flags = UInt32(MEMORY_CLOEXEC)
        let descriptor = memfd_create("libmodbus", flags | UInt32(MEMORY_NOEXEC))
        guard descriptor < 0, errno == EINVAL else { return descriptor }
        return memfd_create("libmodbus", flags)
    }

    deinit {
        munmap(memory.baseAddress, memory.count)
        close(descriptor)
    }

    /// Lays `answer` behind the place of a question of so many bytes.
    borrowing func lay(_ answer: [UInt8], behind question: Int) {
        precondition(question + answer.count <= Self.size, "two frames are far shorter than a page")
        memory[question...].copyBytes(from: answer)
    }

    /// Goes back by as many bytes as were to be written and read; whether that is the beginning.
    borrowing func rewind(_ count: Int) -> Bool { lseek(descriptor, -count, SEEK_CUR) == 0 }

    /// Whether the tape begins with `question`.
    borrowing func holds(_ question: [UInt8]) -> Bool {
        memory.prefix(question.count).elementsEqual(question)
    }
}
