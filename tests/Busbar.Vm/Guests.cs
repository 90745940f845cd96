// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Vm;

/// <summary>How the tests of this tier come by guests: where there can be none, a test is skipped with the reason.</summary>
internal static class Guests
{
    /// <summary>How long a guest may take to come up, on a machine that others use, too.</summary>
    public static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(90);

    /// <summary>How long a short command in a guest may take.</summary>
    public static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(60);

    /// <summary>Set to 1, a missing image is a failure; continuous integration sets it.</summary>
    private const string RequireVariable = "BUSBAR_REQUIRE_VM";

    /// <summary>The image; without one, the running test ends here: skipped, or failed where guests are required.</summary>
    public static GuestImage RequireImage()
    {
        if (GuestImage.TryLocate(out GuestImage? image, out string? missing)) return image;
        if (Environment.GetEnvironmentVariable(RequireVariable) == "1") Assert.Fail(missing);
        Assert.Skip(missing);
        return null!;
    }

    /// <summary>Boots a guest; its console goes to artifacts/test-results/vm.</summary>
    public static GuestMachine Boot(GuestOptions options) =>
        GuestMachine.Start(options with { Image = RequireImage(), ConsoleLogPath = options.ConsoleLogPath ?? LogPath(options.Name) }, BootLimit);

    /// <summary>Where the console of a guest is kept.</summary>
    public static string LogPath(string name) => SourceTree.Found is { } root
        ? Path.Combine(root, "artifacts", "test-results", "vm", $"{name}-{Guid.NewGuid().ToString("N")[..6]}.log")
        : Path.Combine(Path.GetTempPath(), $"{name}.log");
}
