// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>What packaging/install puts where, and that it takes all of it away again.</summary>
public sealed class InstallTests : IDisposable
{
    private readonly Place _place = new();

    private string Target => _place.File("image");

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Installation_BelowAFolder_RunsByEveryNameAndIsRemovedWhole()
    {
        (int code, string output, string error) = await Install("--prefix", "/opt/busbar/", "--mctp", "--from", AppContext.BaseDirectory);

        Assert.True(code == 0, error);
        Assert.Contains($"files below '{Target}'", output, StringComparison.Ordinal);
        string prefix = $"{Target}/opt/busbar";
        (code, output, error) = await Run($"{prefix}/bin/busbar", "--version");
        Assert.True(code == 0, error);
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
        (code, output, error) = await Run($"{prefix}/bin/mctp", "-h");
        Assert.Contains("mctp route", output + error, StringComparison.Ordinal);
        (code, output, error) = await Run($"{prefix}/sbin/mctpd", "-h");
        Assert.StartsWith("Usage: mctpd", output + error, StringComparison.Ordinal);
        Assert.Contains("ExecStart=/opt/busbar/bin/busbar daemon ", File.ReadAllText($"{prefix}/lib/systemd/system/busbar.service"), StringComparison.Ordinal);
        Assert.True(File.Exists($"{Target}/etc/dbus-1/system.d/au.com.codeconstruct.MCTP1.conf"));
        Assert.Contains("busbar", File.ReadAllText($"{prefix}/share/bash-completion/completions/busbar"), StringComparison.Ordinal);

        // Once more, as it is; then as an upgrade: what an older version left goes.
        string[] first = Everything();
        (code, _, error) = await Install("--prefix", "/opt/busbar", "--mctp", "--from", AppContext.BaseDirectory);
        Assert.True(code == 0, error);
        Assert.Equal(first, Everything());
        File.WriteAllText($"{prefix}/lib/busbar/old.dll", "");
        File.AppendAllText($"{prefix}/lib/busbar/installed", "/opt/busbar/lib/busbar/old.dll\n");
        (code, _, error) = await Install("--prefix", "/opt/busbar", "--mctp", "--from", AppContext.BaseDirectory);
        Assert.True(code == 0, error);
        Assert.False(File.Exists($"{prefix}/lib/busbar/old.dll"));

        File.WriteAllText($"{prefix}/share/somebody else's", "");
        (code, _, error) = await Install("--prefix", "/opt/busbar", "--remove");
        Assert.True(code == 0, error);
        Assert.Equal([$"{prefix}/share/somebody else's"], Directory.GetFiles(Target, "*", SearchOption.AllDirectories));
        Assert.Equal(3, Directory.GetDirectories(Target, "*", SearchOption.AllDirectories).Length);
    }

    [Theory]
    [InlineData(2, "'--prefx'", "--prefx", "/x")]
    [InlineData(2, "--prefix needs", "--prefix")]
    [InlineData(2, "--from needs", "--from", "--mctp")]
    [InlineData(2, "'x' is not an absolute path", "--prefix", "x")]
    [InlineData(2, "'/opt/bus bar' has characters", "--prefix", "/opt/bus bar")]
    [InlineData(2, "'/nowhere' holds no built busbar", "--from", "/nowhere")]
    [InlineData(2, "use one of them", "--self-contained", "--from", "/")]
    [InlineData(5, "nothing is installed", "--remove")]
    public async Task Installation_ThatCannotBe_IsRefusedInOneLine(int expected, string culprit, params string[] arguments)
    {
        (int code, string output, string error) = await Install(arguments);

        Assert.Equal(expected, code);
        Assert.Empty(output);
        Assert.Contains(culprit, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(Target));
    }

    [Theory]
    [InlineData("/usr/../../precious")]
    [InlineData("precious")]
    public async Task Removal_ByADamagedList_RemovesNothing(string path)
    {
        string precious = _place.File("precious");
        File.WriteAllText(precious, "");
        Directory.CreateDirectory($"{Target}/usr/lib/busbar");
        File.WriteAllText($"{Target}/usr/lib/busbar/installed", $"{path}\n");

        (int code, _, string error) = await Install("--prefix", "/usr", "--remove");

        Assert.Equal(5, code);
        Assert.Contains("damaged", error, StringComparison.Ordinal);
        Assert.True(File.Exists(precious));
    }

    private string[] Everything() => [.. Directory.GetFiles(Target, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private Task<(int Code, string Output, string Error)> Install(params string[] arguments) =>
        Run(Path.Combine(SourceTree.Root, "packaging", "install"), ["--destdir", Target, .. arguments]);

    private static async Task<(int Code, string Output, string Error)> Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException late)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end", late);
        }

        return (process.ExitCode, await output, await error);
    }
}
