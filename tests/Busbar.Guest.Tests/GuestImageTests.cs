// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Guest.Tests;

/// <summary>What a person reads when a guest cannot be had.</summary>
public sealed class GuestImageTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly string? _kernel = Environment.GetEnvironmentVariable("BUSBAR_VM_KERNEL");
    private readonly string? _qemu = Environment.GetEnvironmentVariable("BUSBAR_QEMU");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("busbar-guest-");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("BUSBAR_VM_KERNEL", _kernel);
        Environment.SetEnvironmentVariable("BUSBAR_QEMU", _qemu);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Locate_WithAFileThatIsNotThere_NamesItAndTheRemedy()
    {
        Environment.SetEnvironmentVariable("BUSBAR_QEMU", "/bin/true");
        Environment.SetEnvironmentVariable("BUSBAR_VM_KERNEL", "/nowhere/bzImage");

        Assert.False(GuestImage.TryLocate(out GuestImage? image, out string? missing));

        Assert.Null(image);
        Assert.Contains("/nowhere/bzImage", missing, StringComparison.Ordinal);
        Assert.Contains("eng/vm/prepare", missing, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WithAQemuThatIsNone_SaysSo()
    {
        GuestException failure = Assert.Throws<GuestException>(() => Start("/nowhere/qemu"));

        Assert.Equal(GuestError.StartFailed, failure.Error);
        Assert.Contains("/nowhere/qemu", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WithAQemuThatEnds_QuotesItsLastWords()
    {
        GuestException failure = Assert.Throws<GuestException>(() => Start(Script("echo exit-with-parent; echo 'bad luck' >&2; exit 6")));

        Assert.Equal(GuestError.StartFailed, failure.Error);
        Assert.Contains("ended with 6", failure.Message, StringComparison.Ordinal);
        Assert.Contains("bad luck", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_WithAQemuThatDoesNothing_EndsAtTheLimitAndLeavesNoProcess()
    {
        string note = Path.Combine(_folder.FullName, "pid");
        string script = Script($"[ \"$2\" = help ] && exit; echo $$ >'{note}'; exec sleep 4248");

        GuestException failure = Assert.Throws<GuestException>(() => Start(script, TimeSpan.FromSeconds(1.5)));

        Assert.Equal(GuestError.TimedOut, failure.Error);
        Assert.False(Linux.Signals.Kill(int.Parse(File.ReadAllText(note)), Linux.Signal.None));
    }

    private static GuestMachine Start(string qemu, TimeSpan? limit = null) =>
        GuestMachine.Start(new GuestOptions { Image = new GuestImage(qemu, "/dev/null", "/dev/null") }, limit ?? s_limit);

    private string Script(string text)
    {
        string path = Path.Combine(_folder.FullName, "qemu");
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
