// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.BlackBox;

/// <summary>A network interface of the mock kernel.</summary>
internal sealed class MockInterface
{
    public required string Name { get; set; }

    public required int Index { get; init; }

    public uint Network { get; set; } = 1;

    public byte[] HardwareAddress { get; init; } = [];

    public int Mtu { get; set; } = 68;

    public int MinimumMtu { get; init; } = 68;

    public int MaximumMtu { get; init; } = 254;

    public bool IsUp { get; set; } = true;

    public PhysicalBinding Binding { get; init; }

    public string? DevicePath { get; init; }
}
