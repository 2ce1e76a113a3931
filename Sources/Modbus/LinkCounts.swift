// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

/// What a link has met on its wire since it was made, beside the outcomes that its reads return.
package struct LinkCounts: Hashable, Sendable {
    /// Frames that ended in a wrong CRC, or whose MBAP header cannot be true.
    package var damagedFrames = 0
    /// Bytes that belonged to no answer asked for: noise, echoes, late and foreign frames.
    package var strayBytes = 0
    /// Questions asked only to tell a late or repeated answer from the one that is wanted.
    package var clarifications = 0
    /// Answers that came in the other framing, RTU where TCP was expected: the endpoint is not
    /// what the configuration says.
    package var otherFraming = 0
    /// Answers that came after they were given up.
    package var lateAnswers = 0
    /// The last of them.
    package var latestLate: LateAnswer?
    /// Times that the socket or port was opened, the first included.
    package var connections = 0

    /// All zero.
    package init() {}
}
