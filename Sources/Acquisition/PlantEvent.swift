// SPDX-FileCopyrightText: 2026 The Millpond authors
// SPDX-License-Identifier: Apache-2.0

package import Buffer
package import Equipment
package import Modbus

/// A change that someone may want to be told of: facts, without sentences. Each is a transition;
/// nothing is repeated while it lasts.
package enum PlantEvent: Sendable {
    /// The connection is there; `absence` is how long it was not, `nil` at the first time.
    case connected(connection: String, absence: Duration?)
    /// It is gone or cannot be made; it is tried again under back-off. `frames` is the file with
    /// what went over it last, if that was kept.
    case disconnected(connection: String, because: ModbusError, frames: String? = nil)
    /// The device answers; `absence` is how long it had not, `nil` at the first contact.
    case deviceAnswers(DeviceName, absence: Duration?)
    /// The device has left several cycles unanswered, the first at `since`, and is only probed now.
    /// `frames` as above.
    case deviceVanished(
        DeviceName, because: Reason, since: Timestamp, frames: String? = nil)
    /// What the device sent was no answer to the question; what it was is in the file `frames`. Told
    /// as often as such a file is kept, which is rarely.
    case answerGarbled(DeviceName, Request, frames: String)
    /// What answers over the connection does so in RTU framing, where Modbus TCP is configured. Told
    /// once; it cannot change by itself.
    case otherFraming(connection: String)
    /// Answers of the device came after they were given up, several times: the connection's
    /// timeout is too short for it. `delay` is between the two. Told once; it hardly changes by
    /// itself.
    case answersLate(DeviceName, connection: String, delay: ClosedRange<Duration>)
    /// The device refuses this request with an exception code; the others go on.
    case requestRefused(DeviceName, Request, exception: UInt8)
    /// It no longer does.
    case requestAccepted(DeviceName, Request)
    /// The device was found not to give these, which are of one kind: its reads are planned without
    /// them from now on. `signals` are those concerned, or those on either side of a line.
    case learnt(DeviceName, [LearntFact], signals: [String])
    /// What it did not give it gives by now.
    case unlearnt(DeviceName, LearntFact, signals: [String])
    /// The file with what was learnt before cannot be used: it is found out again.
    case learntUnreadable(path: String, mistake: String)
    /// What was learnt could not be written down; it is tried again with the next of it.
    case learntNotKept(path: String, errno: Int32)
    case conditionChanged(Transition)
    /// The counter went back and did not come round: it was set, or its device exchanged.
    case counterReset(Signal, from: Value, to: Value)
    /// The wall clock jumped against the monotonic one; positive is forwards.
    case clockStepped(by: Duration)
    /// The wall clock is synchronised, for the first time or again: until then its stamps were
    /// off by so much; positive is behind.
    case clockCorrected(by: Duration)
    /// A batch could not be sealed; its records wait in memory, `waiting` of them now.
    case sealFailed(BufferError, waiting: Int)
    /// Sealing works again; `outage` is how long it did not.
    case sealRecovered(outage: Duration)
    /// Records had to be given up; the stream will say so as `lost`.
    case recordsLost(Loss)
    /// The buffer refused records at the end: nobody is left to put that into the stream, where the
    /// next `started` follows without a `stopped`.
    case recordsAbandoned(Loss)
}
