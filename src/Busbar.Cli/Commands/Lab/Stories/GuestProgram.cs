// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>A program of a story that runs in a guest.</summary>
internal sealed class GuestProgram : StoryProgram
{
    // A program that says nothing for this long has been forgotten by its story.
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_inputLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_qemuLimit = TimeSpan.FromSeconds(1);

    private readonly GuestMachine _guest;
    private readonly GuestProcess _process;

    public GuestProgram(GuestMachine guest, string command, Action<string> show)
        : base(show)
    {
        _guest = guest;
        _process = guest.StartProcess("exec " + command);
        StartReading();
    }

    public override string Name => _process.Command["exec ".Length..];

    public override void Command(string line) => _process.WriteLine(line, s_inputLimit);

    public override void Signal(Signal signal) => _process.Kill(signal);

    public override int WaitForExit(TimeSpan limit) => _process.WaitForExit(limit).ExitCode;

    protected override string? ReadLine()
    {
        try
        {
            return _process.ReadLine(s_silence);
        }
        catch (GuestException)
        {
            // The guest is gone, which stories cause on purpose; whoever waits for an event learns that the program ended.
            return null;
        }
    }

    protected override string LastWords()
    {
        // A guest's connections close a moment before its QEMU is gone.
        if (_guest.WaitForExit(s_qemuLimit)) return _guest.Obituary();
        string[] words = _process.OutputSoFar().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0 ? "it said nothing" : words[^1];
    }
}
