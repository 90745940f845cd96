// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What became of a control query.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="From">Who answered; as it was asked when nobody did.</param>
/// <param name="Code">The completion code of the answer; meaningful only when there is one.</param>
/// <param name="Data">What follows a completion code of success.</param>
internal readonly record struct ControlAnswer(ControlOutcome Outcome, MctpEndPoint From, CompletionCode Code, ReadOnlyMemory<byte> Data)
{
    /// <summary>Why nothing was sent.</summary>
    public SendStatus Failure { get; init; }

    /// <summary>An answer that says "done".</summary>
    public bool IsSuccess => Outcome == ControlOutcome.Answered && Code == CompletionCode.Success;

    /// <summary>True when somebody is there: any answer at all, be it an error.</summary>
    public bool IsAlive => Outcome is ControlOutcome.Answered or ControlOutcome.BadAnswer;

    /// <summary>Reads the data of a successful answer.</summary>
    /// <param name="value">The meaning.</param>
    /// <returns>False when there is no success, or the data is too short.</returns>
    public bool TryRead<T>(out T value)
        where T : struct, IControlData<T>
    {
        value = default;
        return IsSuccess && T.TryParse(Data.Span, out value);
    }
}
