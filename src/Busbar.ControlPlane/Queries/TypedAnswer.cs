// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What became of a control query, with its data read.</summary>
/// <param name="Answer">The answer as it came; data that is too short makes it a bad one.</param>
/// <param name="Value">The data; null unless the answer is a success and its data can be read.</param>
internal readonly record struct TypedAnswer<T>(ControlAnswer Answer, T? Value)
    where T : struct, IControlData<T>
{
    /// <summary>Reads an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="statistics">Counts an answer that is too short.</param>
    public static TypedAnswer<T> Read(in ControlAnswer answer, ControlStatistics statistics)
    {
        if (answer.TryRead(out T value)) return new(answer, value);
        if (!answer.IsSuccess) return new(answer, Value: null);
        statistics.BadAnswers++;
        return new(answer with { Outcome = ControlOutcome.BadAnswer }, Value: null);
    }
}
