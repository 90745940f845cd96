// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Memory;
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class MappedMemoryTests : IDisposable
{
    private const int Page = 4096;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void MapPart_OfAnObject_ShowsItsBytesAndRefusesWhatDoesNotFit()
    {
        using var memory = MappedMemory.CreateSealed("part", 4 * Environment.SystemPageSize);
        int page = Environment.SystemPageSize;
        using SharedRegion all = memory.Map();
        using SharedRegion part = memory.MapPart(2 * page, 2 * page);

        part.Write32(4, 7);

        Assert.Equal(7u, all.Read32((2 * page) + 4));
        Assert.Equal(2 * page, part.Length);
        Assert.Throws<LinuxException>(() => memory.MapPart(3 * page, 2 * page));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapPart(8, page));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.MapPart(-page, page));
    }

    [Fact]
    public void CreateSealed_MappedTwice_IsOneMemory()
    {
        using MappedMemory memory = MappedMemory.CreateSealed("test", 4 * Page);
        using SharedRegion first = memory.Map();
        using SharedRegion second = memory.Map();

        first.Write64((4 * Page) - 8, 0x1122_3344_5566_7788);

        Assert.Equal(4 * Page, second.Length);
        Assert.Equal(0x1122_3344_5566_7788UL, second.Read64((4 * Page) - 8));
        Assert.Equal(0UL, second.Read64(0));
    }

    [Theory]
    [InlineData(Page)]
    [InlineData(2 * Page)]
    [InlineData(8 * Page)]
    public void Resize_OfSealedMemoryByAPeer_IsRefused(long size)
    {
        using MappedMemory memory = MappedMemory.CreateSealed("test", 4 * Page);
        using MappedMemory peer = MappedMemory.Adopt(memory.Descriptor.Duplicate());

        LinuxException refusal = Assert.Throws<LinuxException>(() => peer.Resize(size));

        Assert.Equal(Errno.EPERM, refusal.Errno);
        Assert.True(peer.CannotShrink);
        Assert.Equal(4 * Page, memory.Refresh());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-4096)]
    [InlineData(Page + 1)]
    public void CreateSealed_OfAnythingButWholePages_Throws(long size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MappedMemory.CreateSealed("test", size));

    [Fact]
    public void CreateSealed_WithEveryHint_GivesUsableSealedMemory()
    {
        const int Size = 4 << 20;
        using MappedMemory memory = MappedMemory.CreateSealed("test", Size, MemoryHints.HugePages | MemoryHints.Populate);
        using SharedRegion region = memory.Map(hints: MemoryHints.HugePages | MemoryHints.Populate);

        region.Write32(Size - 4, 7);

        Assert.Equal(7u, region.Read32(Size - 4));
        Assert.True(memory.CannotShrink);
    }

    [Fact]
    public void Map_AfterTheObjectIsDisposed_StaysUsable()
    {
        MappedMemory memory = MappedMemory.CreateSealed("test", Page);
        using SharedRegion region = memory.Map();

        memory.Dispose();

        region.Write32(0, 5);
        Assert.Equal(5u, region.Read32(0));
    }

    [Fact]
    public void Map_ForReading_SeesChangesAndRefusesWrites()
    {
        using MappedMemory memory = MappedMemory.CreateSealed("test", Page);
        using SharedRegion writer = memory.Map();
        using SharedRegion observer = memory.Map(readOnly: true);

        writer.Write32(8, 42);

        Assert.Equal(42u, observer.Read32(8));
        Assert.True(observer.IsReadOnly);
        Assert.Throws<InvalidOperationException>(() => observer.Write32(8, 1));
    }

    [Fact]
    public void Map_OfAPart_IsAsLongAsAsked()
    {
        using MappedMemory memory = MappedMemory.CreateSealed("test", 2 * Page);
        using SharedRegion region = memory.Map(Page);

        Assert.Equal(Page, region.Length);
        Assert.Throws<LinuxException>(() => memory.Map((2 * Page) + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Map(-1));
    }

    [Fact]
    public void Map_BeyondTwoGibibytes_IsRefusedUnlessAPartIsAsked()
    {
        using MappedMemory memory = MappedMemory.CreateSealed("test", 4L << 30);

        LinuxException refusal = Assert.Throws<LinuxException>(() => memory.Map());

        Assert.Equal(Errno.EFBIG, refusal.Errno);
        memory.Map(Page).Dispose();
    }

    [Fact]
    public void OpenOrCreate_OfAMissingFile_MakesItForItsUserOnly()
    {
        string path = _folder.File("window");

        using MappedMemory memory = MappedMemory.OpenOrCreate(path, 3 * Page, out bool created);

        Assert.True(created);
        Assert.Equal(3 * Page, memory.Size);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void OpenOrCreate_OfAnExistingFile_KeepsItsSizeAndContent()
    {
        string path = _folder.File("window");
        using MappedMemory first = MappedMemory.OpenOrCreate(path, 2 * Page, out _);
        using SharedRegion firstRegion = first.Map();
        firstRegion.Write32(0, 99);

        using MappedMemory second = MappedMemory.OpenOrCreate(path, 8 * Page, out bool created);

        using SharedRegion secondRegion = second.Map();
        Assert.False(created);
        Assert.Equal(2 * Page, second.Size);
        Assert.Equal(99u, secondRegion.Read32(0));
    }

    [Fact]
    public void OpenOrCreate_ByEightThreads_IsCreationForOneOnly()
    {
        string path = _folder.File("window");
        int creations = 0;

        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            using MappedMemory memory = MappedMemory.OpenOrCreate(path, Page, out bool created);
            if (created) Interlocked.Increment(ref creations);
        });

        Assert.Equal(1, creations);
    }

    [Fact]
    public void Open_OfAMissingFile_SaysSo()
    {
        LinuxException refusal = Assert.Throws<LinuxException>(() => MappedMemory.Open(_folder.File("nothing")));

        Assert.Equal(Errno.ENOENT, refusal.Errno);
        Assert.Contains("nothing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfASymbolicLink_IsRefused()
    {
        using MappedMemory real = MappedMemory.OpenOrCreate(_folder.File("real"), Page, out _);
        File.CreateSymbolicLink(_folder.File("link"), _folder.File("real"));

        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => MappedMemory.Open(_folder.File("link"))).Errno);
        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => MappedMemory.OpenOrCreate(_folder.File("link"), Page, out _)).Errno);
    }

    [Fact]
    public void Open_OfAFifo_IsRefusedWithoutWaitingForAWriter()
    {
        string path = _folder.File("fifo");
        using (Process make = Process.Start("mkfifo", [path])) Assert.True(make.WaitForExit(5000));

        LinuxException refusal = Assert.Throws<LinuxException>(() => MappedMemory.Open(path, readOnly: true));

        Assert.Equal(Errno.EINVAL, refusal.Errno);
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/")]
    public void Open_OfWhatIsNoFile_IsRefused(string path) =>
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => MappedMemory.Open(path, readOnly: true)).Errno);

    [Fact]
    public void Adopt_OfADoorbell_IsRefusedAndClosesIt()
    {
        using EventFd doorbell = EventFd.Create();
        FileDescriptor received = doorbell.Descriptor.Duplicate();

        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => MappedMemory.Adopt(received)).Errno);

        Assert.True(received.IsClosed);
    }

    [Fact]
    public void Refresh_AfterAPeerGrewTheFile_SeesIt()
    {
        using MappedMemory owner = MappedMemory.OpenOrCreate(_folder.File("window"), Page, out _);
        using MappedMemory observer = MappedMemory.Open(_folder.File("window"), readOnly: true);

        owner.Resize(2 * Page);

        Assert.Equal(Page, observer.Size);
        Assert.Equal(2 * Page, observer.Refresh());
        Assert.False(owner.CannotShrink);
    }

    [Fact]
    public void TryRemove_OfOurOwnFile_RemovesIt()
    {
        string path = _folder.File("window");
        using MappedMemory memory = MappedMemory.OpenOrCreate(path, Page, out _);
        Assert.True(memory.IsAt(path));

        Assert.True(memory.TryRemove(path));

        Assert.False(File.Exists(path));
        Assert.False(memory.IsAt(path));
        Assert.False(memory.TryRemove(path));
    }

    [Fact]
    public void TryRemove_WhenSomebodyElseHasTheNameNow_LeavesTheirFile()
    {
        string path = _folder.File("window");
        using MappedMemory first = MappedMemory.OpenOrCreate(path, Page, out _);
        File.Delete(path);
        using MappedMemory second = MappedMemory.OpenOrCreate(path, Page, out _);

        Assert.False(first.TryRemove(path));

        Assert.True(File.Exists(path));
        Assert.True(second.IsAt(path));
    }

    [Fact]
    public void Map_OfAReadOnlyFile_IsReadOnlyWhateverWasAsked()
    {
        using MappedMemory owner = MappedMemory.OpenOrCreate(_folder.File("window"), Page, out _);
        using MappedMemory observer = MappedMemory.Open(_folder.File("window"), readOnly: true);

        using SharedRegion region = observer.Map(readOnly: false);

        Assert.True(region.IsReadOnly);
    }

    public void Dispose() => _folder.Dispose();
}
