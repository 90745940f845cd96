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

    private readonly bool _created;
    private MappedMemory? _file;
    private FileLock? _lock;
    private long _nextCheck;

    private ShmAttachment(MmbiAttachmentSettings settings, Opened opened)
        : base(settings)
    {
        _created = opened.Created;
        Adopt(opened, MctpNode.Now);
    }

    public override string Description => $"shm {Settings.Spec.Path}, {WindowSize} bytes, {Role}";

    internal override long NextDeadline => _nextCheck;

    public static ShmAttachment Open(MmbiAttachmentSettings settings)
    {
        long patience = Stopwatch.GetTimestamp() + (long)(settings.Patience.TotalSeconds * Stopwatch.Frequency);
        while (true)
        {
            Opened? opened = TryOpen(settings, out string reason);
            if (opened is not null) return new ShmAttachment(settings, opened);
            if (Stopwatch.GetTimestamp() >= patience)
                throw new MctpException(MctpError.Unreachable, $"link '{settings.Spec.Text}': {reason}; start the owner first");
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
        if (_created) _file.TryRemove(Settings.Spec.Path);
        _lock?.Dispose();
        _file.Dispose();
        _file = null;
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
            throw Refusal(settings, failure);
        }

        try
        {
            if (file.Size == 0)
            {
                // Between the making of a file and its getting a size; a discoverer comes back later.
                reason = $"the file '{path}' is empty";
                if (settings.Role == MmbiRole.Owner) file.Resize(settings.Size);
                else
                {
                    file.Dispose();
                    return null;
                }
            }

            if (settings.Spec.Size is { } size && file.Size != size)
                throw Bad(settings, $"the file has {file.Size} bytes, not {size}; leave out size= or remove the file");
            if (file.Size > LinkSpecParser.LargestWindow || file.Size % Environment.SystemPageSize != 0)
                throw Bad(settings, $"the file has {file.Size} bytes, which is no window; remove it or choose another");
            long place = LockOffset + ((settings.Role == MmbiRole.Owner ? 0 : 1) * LocksPerRole) + settings.Spec.Instance;
            if (!FileLock.TryAcquire(file.Descriptor, place, 1, out FileLock? held))
                throw new MctpException(MctpError.AddressInUse, $"link '{settings.Spec.Text}': another process is {settings.Role.ToString().ToLowerInvariant()} there; stop it or use another file");
            return new Opened(file, held, created);
        }
        catch (LinuxException failure)
        {
            file.Dispose();
            throw Refusal(settings, failure);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static MctpException Bad(MmbiAttachmentSettings settings, string reason) =>
        new(MctpError.BadConfiguration, $"link '{settings.Spec.Text}': {reason}");

    private static MctpException Refusal(MmbiAttachmentSettings settings, LinuxException failure) => new(
        failure.Errno is Errno.EACCES or Errno.EPERM or Errno.EMFILE or Errno.ENOMEM or Errno.ENOSPC ? MctpError.MissingFacility : MctpError.BadConfiguration,
        $"link '{settings.Spec.Text}': {failure.Message}",
        failure);

    private void Adopt(Opened opened, long now)
    {
        (_file, _lock) = (opened.File, opened.Lock);
        MemoryHints hints = Settings.Spec.HugePages ? MemoryHints.HugePages : MemoryHints.None;
        Memory.SharedRegion region = opened.File.Map(hints: hints);
        Install(region, region.Length, NoDoorbell.Instance, now);
        _nextCheck = now + FileCheckMs;
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
