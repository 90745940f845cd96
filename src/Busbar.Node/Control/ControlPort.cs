// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>Runs a requester where its socket lives, and waits for it there.</summary>
internal abstract class ControlPort : IDisposable
{
    public abstract ControlRequester Requester { get; }

    /// <summary>Runs a short action on the requester; gets the time.</summary>
    public abstract void Use(Action<long> action);

    /// <summary>Waits until the latest request has ended, one way or another.</summary>
    public abstract void WaitForEnd();

    public abstract void Dispose();
}
