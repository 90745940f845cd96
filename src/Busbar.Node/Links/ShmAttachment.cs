// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>
/// An MMBI window in a plain file. The owner makes the file when it is missing and removes it again when it made it; both roles are locked
/// by file locks, which vanish with their holder. There are no doorbells.
/// </summary>
internal sealed class ShmAttachment : MmbiAttachment
{
    // Role locks lie behind any window that a file can have, one byte for each role and instance.
    private const long LockOffset = 1L << 40;
    private const int LocksPerRole = 8;
    private const int FileCheckMs = 250;
    private const int LookAgainMs = 10;

    private bool _created;
    private MappedMemory? _file;
    private FileLock? _lock;
    private long _nextCheck;

    private ShmAttachment(MmbiAttachmentSettings settings)
        : base(settings.Window) => Settings = settings;

    public override string Description => $"shm {Settings.Spec.Path}, {WindowSize} bytes, {Role}";

    internal override long NextDeadline => _nextCheck;

    private MmbiAttachmentSettings Settings { get; }

    public static ShmAttachment Open(MmbiAttachmentSettings settings)
    {
        long patience = Stopwatch.GetTimestamp() + (long)(settings.Patience.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            Opened? opened = TryOpen(settings, out string reason);
            if (opened is not null)
            {
                var attachment = new ShmAttachment(settings);
                attachment.Adopt(opened, MctpNode.Now);
                return attachment;
            }

            if (Stopwatch.GetTimestamp() >= patience) throw settings.Refusal(MctpError.Unreachable, $"{reason}; start the owner first");
            using var pause = new ManualResetEventSlim();
            pause.Wait(LookAgainMs);
        }
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
    }

    // A restarted owner may have made a new file under the same name; the old one would stay silent for ever.
    internal override void Service(long now)
    {
        _nextCheck = now + FileCheckMs;
        if (_file is not null && _file.IsAt(Settings.Spec.Path)) return;
        if (_file is not null) LetGo(now);
        try
        {
            if (TryOpen(Settings, out _) is { } opened) Adopt(opened, now);
        }
        catch (MctpException)
        {
            // Held by somebody else or unusable at the moment: the link stays down, and the next check looks again.
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing || _file is null) return;
        Release(new Opened(_file, _lock!, _created), Settings.Spec.Path);
        (_file, _lock) = (null, null);
    }

    private static Opened? TryOpen(MmbiAttachmentSettings settings, out string reason)
    {
        string path = settings.Spec.Path;
        reason = $"there is no file '{path}'";
        MappedMemory file;
        bool created = false;
        try
        {
            file = settings.Role == MmbiRole.Owner ? MappedMemory.OpenOrCreate(path, settings.Size, out created) : MappedMemory.Open(path);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ENOENT && settings.Role == MmbiRole.Discoverer)
        {
            return null;
        }
        catch (LinuxException failure)
        {
            throw settings.Refusal(failure);
        }

        FileLock? held = null;
        bool opened = false;
        try
        {
            // The lock first: only the holder of the role may give the file its size.
            long place = LockOffset + ((settings.Role == MmbiRole.Owner ? 0 : 1) * LocksPerRole) + settings.Spec.Instance;
            if (!FileLock.TryAcquire(file.Descriptor, place, 1, out held))
                throw settings.Refusal(MctpError.AddressInUse, $"another process is {settings.Role.ToString().ToLowerInvariant()} there; stop it or use another file");
            if (file.Size == 0 && settings.Role == MmbiRole.Owner) file.Resize(settings.Size);
            if (file.Size == 0)
            {
                // Between the making of a file and its getting a size; a discoverer comes back later.
                reason = $"the file '{path}' is empty";
                return null;
            }

            if (settings.Spec.Size is { } size && file.Size != size)
                throw settings.Refusal(MctpError.BadConfiguration, $"the file has {file.Size} bytes, not {size}; leave out size= or remove the file");
            if (file.Size is < LinkSpecParser.SmallestWindow or > LinkSpecParser.LargestWindow || file.Size % Environment.SystemPageSize != 0)
                throw settings.Refusal(MctpError.BadConfiguration, $"the file has {file.Size} bytes, which is no window; remove it or choose another");
            opened = true;
            return new Opened(file, held, created);
        }
        catch (LinuxException failure)
        {
            throw settings.Refusal(failure);
        }
        finally
        {
            if (!opened)
            {
                held?.Dispose();
                file.Dispose();
            }
        }
    }

    private static void Release(Opened opened, string path)
    {
        if (opened.Created) opened.File.TryRemove(path);
        opened.Lock.Dispose();
        opened.File.Dispose();
    }

    // Maps the file and starts the channel; gives back what was opened when that fails.
    private void Adopt(Opened opened, long now)
    {
        Memory.SharedRegion? region = null;
        try
        {
            MemoryHints hints = Settings.Spec.HugePages ? MemoryHints.HugePages : MemoryHints.None;
            region = opened.File.Map(hints: hints);
            Install(region, region.Length, NoDoorbell.Instance, now);
            region = null;
            (_file, _lock, _created) = (opened.File, opened.Lock, opened.Created);
            _nextCheck = now + FileCheckMs;
        }
        catch (LinuxException failure)
        {
            throw Settings.Refusal(failure);
        }
        finally
        {
            region?.Dispose();
            if (_file is null) Release(opened, Settings.Spec.Path);
        }
    }

    private void LetGo(long now)
    {
        Uninstall(now);
        _lock?.Dispose();
        _file?.Dispose();
        (_file, _lock) = (null, null);
    }

    private sealed record Opened(MappedMemory File, FileLock Lock, bool Created);
}
