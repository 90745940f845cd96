// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Endpoints;

/// <summary>What became of a number of echo requests of one size.</summary>
public sealed class EchoTally
{
    /// <summary>Bytes of each request, its 3-byte prefix included and its type byte not.</summary>
    public required int Size { get; init; }

    /// <summary>Requests sent.</summary>
    public int Sent { get; internal set; }

    /// <summary>Answers that came back with every byte right.</summary>
    public int Intact { get; internal set; }

    /// <summary>Answers with wrong bytes or of the wrong length.</summary>
    public int Corrupt { get; internal set; }

    /// <summary>Requests without an answer in time.</summary>
    public int Lost => Sent - Intact - Corrupt;

    /// <summary>Round trips of requests that were alone on their way.</summary>
    public RoundTripTimes Times { get; } = new();

    /// <summary>Messages per second with several requests in flight, or one by one when none were sent like that; 0 when there is nothing to judge by.</summary>
    public double MessagesPerSecond { get; internal set; }

    /// <summary>Counts one request and what became of it.</summary>
    /// <param name="outcome">What became of it.</param>
    /// <param name="stopwatchTicks">How long it took, in ticks of Stopwatch.</param>
    public void Count(EchoOutcome outcome, long stopwatchTicks)
    {
        Sent++;
        if (outcome == EchoOutcome.Intact)
        {
            Intact++;
            Times.Add(stopwatchTicks);
        }
        else if (outcome == EchoOutcome.Corrupt)
        {
            Corrupt++;
        }
    }

    /// <summary>True when every request was answered with every byte right.</summary>
    public bool IsClean => Sent > 0 && Intact == Sent;
}
