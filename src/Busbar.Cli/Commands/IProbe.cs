// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;

namespace Busbar.Cli;

/// <summary>One way to ask for a sign of life.</summary>
internal interface IProbe : IDisposable
{
    /// <summary>Its name in JSON.</summary>
    string Name { get; }

    /// <summary>What each line of output starts with.</summary>
    string What { get; }

    /// <summary>Counts what was asked.</summary>
    EchoTally Tally { get; }

    /// <summary>Asks once.</summary>
    (EchoOutcome Outcome, double Microseconds) Ask();
}
