// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using Xunit;

namespace Busbar.Architecture;

/// <summary>What every source file owes its reader.</summary>
public sealed partial class SourceFileTests
{
    private const int LongestFile = 500;

    [Fact]
    public void SourceFiles_AtTheTop_NameTheirLicense()
    {
        string[] without =
        [
            .. from file in Repository.Files(".cs", ".c", ".h", ".sh", ".csproj", ".props", ".targets")
               where !Repository.Lines(file).Take(3).Any(line => line.Contains("SPDX-License-Identifier: Apache-2.0", StringComparison.Ordinal))
               select file,
        ];

        Assert.Empty(without);
    }

    [Fact]
    public void SourceFiles_StayShort()
    {
        string[] tooLong = [.. Repository.Files(".cs", ".c").Where(file => Repository.Lines(file).Length > LongestFile)];

        Assert.Empty(tooLong);
    }

    [Fact]
    public void Folders_AreNamedForSomething()
    {
        string[] nameless = [.. Repository.Files(".cs").Where(file => NamelessFolder().IsMatch(file))];

        Assert.Empty(nameless);
    }

    [Fact]
    public void NativeImports_LiveOnTheGroundFloor()
    {
        string[] elsewhere =
        [
            .. from file in Repository.Files(".cs")
               where file.StartsWith("src/", StringComparison.Ordinal)
               where !file.StartsWith("src/Busbar.Linux/", StringComparison.Ordinal) && !file.StartsWith("src/Busbar.Memory/", StringComparison.Ordinal)
               where Repository.Lines(file).Any(line => NativeCode().IsMatch(line))
               select file,
        ];

        Assert.Empty(elsewhere);
    }

    [Fact]
    public void CoreRooms_OwnNoThreadClockOrSocket()
    {
        string[] guilty =
        [
            .. from file in Repository.Files(".cs")
               where file.StartsWith("src/Busbar.Mctp/", StringComparison.Ordinal) || file.StartsWith("src/Busbar.Mmbi/", StringComparison.Ordinal)
               where Repository.Lines(file).Any(line => EdgeFacility().IsMatch(line))
               select file,
        ];

        Assert.Empty(guilty);
    }

    [GeneratedRegex("(^|/)(Common|Utils?|Helpers?|Misc|Shared)/", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex NamelessFolder();

    [GeneratedRegex(@"\[(DllImport|LibraryImport)|\bunsafe\b\s*(\{|class|struct|static|void)", RegexOptions.ExplicitCapture)]
    private static partial Regex NativeCode();

    [GeneratedRegex(@"\b(new Thread\(|Task\.Run|Stopwatch\.|TimeProvider|DateTime|Environment\.TickCount|System\.Net\.Sockets|ILogger|Console\.)", RegexOptions.ExplicitCapture)]
    private static partial Regex EdgeFacility();
}
