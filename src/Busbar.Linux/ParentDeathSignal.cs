// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Makes a child process end with its parent, however the parent ends (prctl(2), PR_SET_PDEATHSIG).</summary>
public static class ParentDeathSignal
{
    /// <summary>Asks the kernel to send a signal to this process when its parent is gone.</summary>
    /// <param name="signal">Usually <see cref="Signal.Terminate"/> or <see cref="Signal.Kill"/>.</param>
    /// <param name="parentProcessId">
    /// The parent that started us, told on the command line: only so can a parent be noticed that died before this call.
    /// </param>
    /// <returns>False when that parent is gone already; the caller should end.</returns>
    /// <remarks>
    /// The kernel watches the parent's thread that started us, not the parent as a whole; start such children from a thread that stays.
    /// </remarks>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static bool Arm(Signal signal, int parentProcessId)
    {
        LinuxException.Check(
            NativeProcess.Prctl(NativeProcess.PR_SET_PDEATHSIG, (nuint)(int)signal, 0, 0, 0), "prctl", "Arming the parent-death signal failed");
        return NativeProcess.GetParent() == parentProcessId;
    }
}
