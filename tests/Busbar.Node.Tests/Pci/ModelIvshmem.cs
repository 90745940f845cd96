// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Pci;

namespace Busbar.Node.Tests;

/// <summary>An ivshmem device as a guest sees it, on a real connection to a real server.</summary>
internal sealed class ModelIvshmem : IRegionHandler, IDisposable
{
    private readonly IvshmemClient _client;
    private readonly PciFunction _function;
    private readonly Thread _pump;
    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _stop = new();

    public ModelIvshmem(string path)
    {
        _client = IvshmemClient.Connect(path, 5000);
        int length = (int)_client.Memory.Size;
        _function = new PciFunction(new PciFunctionOptions
        {
            Name = "ivshmem",
            VendorId = 0x1AF4,
            DeviceId = 0x1110,
            ClassCode = 0x050000,
            Regions =
            [
                new PciFunctionRegion(0, 4096).AddRegisters(0, 256, this),
                new PciFunctionRegion(1, 4096),
                new PciFunctionRegion(2, length, is64Bit: true, isPrefetchable: true) { Memory = MappedMemory.Adopt(_client.Memory.Descriptor.Duplicate()) }
                    .AddMemory(0, length),
            ],
            Capabilities = [PciFunctionCapability.Msix(vectors: 1, bar: 1, tableOffset: 0, pendingOffset: 0x800)],
        });
        Device = new InProcessDevice(_function);
        _pump = new Thread(Pump) { IsBackground = true };
        _pump.Start();
    }

    public InProcessDevice Device { get; }

    public ulong Read(int offset, int size) => offset == IvshmemPort.PositionRegister ? (ulong)_client.OwnId : 0;

    public void Write(int offset, int size, ulong value)
    {
        if (offset != IvshmemPort.DoorbellRegister) return;
        lock (_gate)
        {
            if (_client.TryGetDoorbell((int)(value >> 16) & 0xFFFF, (int)value & 0xFFFF, out EventFd? target)) target.Ring();
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _pump.Join();
        _stop.Dispose();
        Device.Dispose();
        _function.Dispose();
        _client.Dispose();
    }

    // What QEMU does with the server's messages and its own eventfds.
    private void Pump()
    {
        while (!_stop.IsSet)
        {
            bool came = false;
            lock (_gate)
            {
                _client.ProcessMessages();
                foreach (EventFd vector in _client.OwnVectors) came |= vector.TryDrain(out _);
            }

            if (came) _function.RaiseInterrupt(0);
            else _stop.Wait(1);
        }
    }
}
