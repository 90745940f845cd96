// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>How a lab ends that is not allowed to finish: nothing of it stays behind.</summary>
public sealed class LabEndTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    [Fact]
    public void Lab_Interrupted_SaysSoAndLeavesNothing()
    {
        using var place = new Place();
        using Process lab = StartLongLab(place);
        int endpoint = WaitForChild(lab.Id, place);

        Signals.Kill(lab.Id, Signal.Terminate);
        string error = lab.StandardError.ReadToEnd();
        Assert.True(lab.WaitForExit(s_limit));

        Assert.Equal(1, lab.ExitCode);
        Assert.Equal("busbar: interrupted\n", error);
        Assert.True(WaitForEnd(endpoint));
        Assert.Empty(Sockets(place));
        Assert.Empty(Directory.GetFileSystemEntries(place.Folder));
    }

    [Fact]
    public void Lab_Killed_TakesItsEndpointAlong()
    {
        using var place = new Place();
        using Process lab = StartLongLab(place);
        int endpoint = WaitForChild(lab.Id, place);

        Signals.Kill(lab.Id, Signal.Kill);
        Assert.True(lab.WaitForExit(s_limit));

        Assert.True(WaitForEnd(endpoint));
        Assert.Empty(Sockets(place));
    }

    private static Process StartLongLab(Place place) =>
        BusbarProgram.Start(["lab", "--sizes", "64", "--count", "10000000"], redirectInput: false, temporary: place.Folder);

    private static string[] Sockets(Place place) => Directory.GetFiles(place.Folder, "lab.sock", SearchOption.AllDirectories);

    private static int WaitForChild(int parent, Place place)
    {
        string file = $"/proc/{parent}/task/{parent}/children";
        string children = string.Empty;
        Assert.True(SpinWait.SpinUntil(() => (children = File.ReadAllText(file).Trim()).Length != 0, s_limit));

        // The endpoint is an endpoint only after its first file: before that, it could not end in order.
        int child = int.Parse(children.Split(' ')[0]);
        Assert.True(SpinWait.SpinUntil(() => Sockets(place).Length != 0, s_limit));
        return child;
    }

    // Gone, or a zombie that nobody has buried yet.
    private static bool WaitForEnd(int process) => SpinWait.SpinUntil(
        () =>
        {
            try
            {
                return File.ReadAllText($"/proc/{process}/stat").Split(") ")[1].StartsWith('Z');
            }
            catch (IOException)
            {
                return true;
            }
        },
        s_limit);
}
