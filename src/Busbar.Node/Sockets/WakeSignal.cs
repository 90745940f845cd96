// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>
/// Wakes one sleeping thread. It stays set until <see cref="Reset"/>, so that a wake-up before the sleep is not lost. Unlike
/// <see cref="ManualResetEventSlim"/> it allocates nothing when a thread sleeps on it for the first time.
/// </summary>
internal sealed class WakeSignal
{
    // A monitor, because that is what can be waited on.
    private readonly object _monitor = new();
    private bool _isSet;

    /// <summary>Ends the sleep in progress, or the next one.</summary>
    public void Set()
    {
        lock (_monitor)
        {
            _isSet = true;
            Monitor.Pulse(_monitor);
        }
    }

    /// <summary>Lets the next sleep last.</summary>
    public void Reset()
    {
        lock (_monitor) _isSet = false;
    }

    /// <summary>Sleeps until the signal is set or time is up.</summary>
    /// <param name="milliseconds">How long at most; <see cref="Timeout.Infinite"/> for ever.</param>
    public void Wait(int milliseconds)
    {
        lock (_monitor)
        {
            if (milliseconds != Timeout.Infinite)
            {
                // Once is enough: whoever waits looks for itself afterwards, and sleeps again if there is nothing.
                if (!_isSet) Monitor.Wait(_monitor, milliseconds);
                return;
            }

            while (!_isSet) Monitor.Wait(_monitor);
        }
    }
}
