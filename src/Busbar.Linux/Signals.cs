// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Sending signals (kill(2)).</summary>
public static class Signals
{
    /// <summary>Sends a signal to one process.</summary>
    /// <param name="processId">Its id, positive: groups and "everybody" are not offered.</param>
    /// <param name="signal">What to send.</param>
    /// <returns>False when there is no such process any more.</returns>
    /// <exception cref="LinuxException">It belongs to somebody else (EPERM).</exception>
    public static bool Kill(int processId, Signal signal)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(processId);
        if (NativeProcess.Kill(processId, (int)signal) == 0) return true;
        return NativeError.Last == Errno.ESRCH ? false : throw LinuxException.Last("kill", $"Sending {signal} to process {processId}");
    }
}
