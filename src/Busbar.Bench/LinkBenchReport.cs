// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>The result of <c>bench link</c>.</summary>
/// <param name="Link">The LINK.</param>
/// <param name="Description">What the link stands on.</param>
/// <param name="Wait">Waiting strategy of this side.</param>
/// <param name="Rows">Figures by size.</param>
/// <param name="WakeUpNs">Round trip of two threads of this machine that wake each other through eventfds: the baseline.</param>
/// <param name="BareDoorbellsPerS">Doorbells per second when this side does nothing else; 0 where there are none.</param>
/// <param name="MostDoorbellsPerS">The most doorbells per second that this side rang in a round.</param>
/// <param name="MostInterruptsPerS">The most interrupts per second that woke this side in a round.</param>
/// <param name="Failures">Echoes that were lost or came back wrong.</param>
/// <param name="Rounds">Rounds measured.</param>
public sealed record LinkBenchReport(
    string Link,
    string Description,
    string Wait,
    IReadOnlyList<LinkBenchRow> Rows,
    Spread WakeUpNs,
    Spread BareDoorbellsPerS,
    double MostDoorbellsPerS,
    double MostInterruptsPerS,
    int Failures,
    int Rounds);
