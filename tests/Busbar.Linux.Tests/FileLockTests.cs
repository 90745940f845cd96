// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MappedMemory _first;
    private readonly MappedMemory _second;

    public FileLockTests()
    {
        _first = MappedMemory.OpenOrCreate(_folder.File("window"), 4096, out _);
        _second = MappedMemory.Open(_folder.File("window"));
    }

    [Fact]
    public void TryAcquire_WhileSomebodyHoldsTheRange_IsRefused()
    {
        Assert.True(FileLock.TryAcquire(_first.Descriptor, 0, 1, out FileLock? held));
        using FileLock first = held;

        bool again = FileLock.TryAcquire(_second.Descriptor, 0, 1, out FileLock? refused);

        Assert.False(again);
        Assert.Null(refused);
    }

    [Fact]
    public void TryAcquire_OfAnotherRange_Succeeds()
    {
        Assert.True(FileLock.TryAcquire(_first.Descriptor, 0, 1, out FileLock? held));
        using FileLock first = held;

        Assert.True(FileLock.TryAcquire(_second.Descriptor, 1, 1, out FileLock? second));

        second.Dispose();
    }

    [Fact]
    public void TryAcquire_BeyondTheEndOfTheFile_LocksThere()
    {
        const long Far = 1L << 40;
        Assert.True(FileLock.TryAcquire(_first.Descriptor, Far, 8, out FileLock? held));
        using FileLock first = held;

        Assert.False(FileLock.TryAcquire(_second.Descriptor, Far + 7, 1, out _));
    }

    [Fact]
    public void Dispose_OfTheHolder_LetsTheNextOneIn()
    {
        Assert.True(FileLock.TryAcquire(_first.Descriptor, 0, 1, out FileLock? first));

        first.Dispose();
        first.Dispose();

        Assert.True(FileLock.TryAcquire(_second.Descriptor, 0, 1, out FileLock? second));
        second.Dispose();
    }

    [Fact]
    public void Lock_WhoseFileWasDisposed_HoldsUntilItIsDisposedItself()
    {
        Assert.True(FileLock.TryAcquire(_first.Descriptor, 0, 1, out FileLock? held));

        _first.Dispose();

        Assert.False(FileLock.TryAcquire(_second.Descriptor, 0, 1, out _));
        held.Dispose();
        Assert.True(FileLock.TryAcquire(_second.Descriptor, 0, 1, out FileLock? next));
        next.Dispose();
    }

    [Fact]
    public void TryAcquire_OnAReadOnlyFile_Throws()
    {
        using MappedMemory observer = MappedMemory.Open(_folder.File("window"), readOnly: true);

        LinuxException refusal = Assert.Throws<LinuxException>(() => FileLock.TryAcquire(observer.Descriptor, 0, 1, out _));

        Assert.Equal(Errno.EBADF, refusal.Errno);
    }

    [Fact]
    public void Lock_OfAKilledProcess_IsFree()
    {
        using ChildProcess holder = ChildProcess.Start("lock", _folder.File("window"));
        Assert.Equal("ready", holder.ReadLine());
        Assert.False(FileLock.TryAcquire(_first.Descriptor, 0, 1, out _));

        holder.Kill();

        Assert.True(FileLock.TryAcquire(_first.Descriptor, 0, 1, out FileLock? next));
        next.Dispose();
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
        _folder.Dispose();
    }
}
