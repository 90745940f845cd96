// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;

namespace Busbar.Cli;

/// <summary>The kernel's MCTP.</summary>
internal sealed class KernelSession : ISystemSession
{
    private readonly IMctpSystem _system = KernelSystem.Open();

    public IMctpConfiguration Configuration => _system.Configuration;

    public string Name => "kernel";

    public string? RoleOf(int link) => null;

    public void Dispose() => _system.Dispose();
}
