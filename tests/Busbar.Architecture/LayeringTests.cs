// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Architecture;

/// <summary>Arrows between rooms point down only, and the house has no room that the plan does not name.</summary>
public sealed class LayeringTests
{
    // Each room and the rooms it may know, from the ground up. ARCHITECTURE.md draws the same picture.
    private static readonly Dictionary<string, string[]> s_plan = new()
    {
        ["Busbar.Memory"] = [],
        ["Busbar.Linux"] = ["Busbar.Memory"],
        ["Busbar.Guest"] = ["Busbar.Linux"],
        ["Busbar.Mctp"] = [],
        ["Busbar.Pci"] = ["Busbar.Linux", "Busbar.Memory"],
        ["Busbar.Mmbi"] = ["Busbar.Mctp", "Busbar.Memory"],
        ["Busbar.Bindings"] = ["Busbar.Mctp", "Busbar.Memory"],
        ["Busbar.ControlPlane"] = ["Busbar.Mctp"],
        ["Busbar.Node"] = ["Busbar.ControlPlane", "Busbar.Bindings", "Busbar.Mctp", "Busbar.Mmbi", "Busbar.Pci", "Busbar.Linux", "Busbar.Memory"],
        ["Busbar.Bench"] = ["Busbar.ControlPlane", "Busbar.Endpoints", "Busbar.Node", "Busbar.Mmbi", "Busbar.Pci", "Busbar.Mctp", "Busbar.Linux", "Busbar.Memory"],
        ["Busbar.Endpoints"] = ["Busbar.Node", "Busbar.ControlPlane", "Busbar.Mmbi", "Busbar.Mctp", "Busbar.Linux"],
        ["Busbar.Daemon"] =
        [
            "Busbar.Endpoints", "Busbar.Node", "Busbar.ControlPlane", "Busbar.Bindings", "Busbar.Mmbi", "Busbar.Mctp", "Busbar.Linux", "Busbar.Memory",
        ],
        ["Busbar.Devices"] = ["Busbar.Endpoints", "Busbar.Node", "Busbar.Mmbi", "Busbar.Pci", "Busbar.Mctp", "Busbar.Linux", "Busbar.Memory"],
        ["Busbar.Cli"] =
        [
            "Busbar.Daemon", "Busbar.Devices", "Busbar.Endpoints", "Busbar.Bench", "Busbar.Guest", "Busbar.Node", "Busbar.ControlPlane", "Busbar.Bindings", "Busbar.Mmbi", "Busbar.Pci", "Busbar.Mctp", "Busbar.Linux", "Busbar.Memory",
        ],
    };

    [Fact]
    public void Rooms_Present_AreThoseOfThePlan() =>
        Assert.Equal(s_plan.Keys.Order(), Repository.ProductReferences.Keys.Order());

    [Fact]
    public void References_OfEachRoom_PointDownOnly()
    {
        string[] wrong =
        [
            .. from room in Repository.ProductReferences
               from reference in room.Value
               where !s_plan[room.Key].Contains(reference)
               select $"{room.Key} -> {reference}",
        ];

        Assert.Empty(wrong);
    }

    [Fact]
    public void UnsafeCode_IsAllowed_OnTheGroundFloorOnly()
    {
        string[] unsafeProjects =
        [
            .. from project in Repository.Files(".csproj")
               where project.StartsWith("src/", StringComparison.Ordinal)
               where Repository.Lines(project).Any(line => line.Contains("<AllowUnsafeBlocks>true", StringComparison.Ordinal))
               select Path.GetFileNameWithoutExtension(project),
        ];

        Assert.Equal(["Busbar.Linux", "Busbar.Memory"], unsafeProjects.Order());
    }
}
