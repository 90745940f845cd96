// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Busbar.Linux;
using Busbar.TestKit;

namespace Busbar.Daemon.Tests;

/// <summary>
/// The packaged policy on a bus that has the system bus's rules. Users other than ours can be played by root only; for others the file is read, and its owner's part is tried.
/// </summary>
public sealed class DbusPolicyTests
{
    // Nobody's number on every Linux, and a group that every Linux has.
    private const string Nobody = "65534";
    private const string Administrators = "daemon";

    [Fact]
    public void Policy_LetsTheDaemonOwnItsName_AndItsUserCall()
    {
        using DbusWorld world = Start();

        Assert.True(world.Await(world.Service.ClaimName), string.Join('\n', world.Notes));
        world.AddPeer(0x1d);
        Assert.Contains("\"yisb\"", world.Call(DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Policy_WithoutTheFile_RefusesTheNameAndSaysWhatToDo()
    {
        string nothing = Path.Combine(Path.GetTempPath(), $"bb-{Guid.NewGuid():N}.conf");
        File.WriteAllText(nothing, "<busconfig/>");
        try
        {
            using var world = new DbusWorld(bus: PrivateBus.StartLikeSystem(nothing));

            Assert.False(world.Await(world.Service.ClaimName));
            Assert.Contains("may not own the name", Assert.Single(world.Notes), StringComparison.Ordinal);
            Assert.False(world.Service.HasName);
        }
        finally
        {
            File.Delete(nothing);
        }
    }

    [Fact]
    public void Policy_ForAnybody_IsToLookAndNotToTouch()
    {
        if (!Environment.IsPrivilegedProcess) return;
        using DbusWorld world = Start();
        Assert.True(world.Await(world.Service.ClaimName), string.Join('\n', world.Notes));
        world.AddPeer(0x1d);

        Assert.Equal("""{"type":"s","data":"BusOwner"}""", As(world, "", "get-property", DbusWorld.LinkPath, "au.com.codeconstruct.MCTP.Interface1", "Role").Output);
        Assert.Equal(0, As(world, "", "introspect", DbusWorld.LinkPath).Status);
        Assert.Equal(0, As(world, "", "call", DbusWorld.Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects").Status);
        foreach (string[] forbidden in new string[][]
                 {
                     ["call", DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d"],
                     ["call", DbusWorld.Root, "au.com.codeconstruct.MCTP1", "RegisterTypeSupport", "yau", "5", "1", "1"],
                     ["set-property", DbusWorld.LinkPath, "au.com.codeconstruct.MCTP.Interface1", "Role", "s", "Endpoint"],
                 })
        {
            BusctlResult refused = As(world, "", forbidden);
            Assert.NotEqual(0, refused.Status);
            Assert.Contains("Access denied", refused.Errors, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Empty(world.Host.Peers[0].Requests);
    }

    [Fact]
    public void Policy_ForAdministrators_IsToDoEverything()
    {
        if (!Environment.IsPrivilegedProcess) return;

        // The packaged group need not exist here; another stands in for it.
        string copy = Path.Combine(Path.GetTempPath(), $"bb-{Guid.NewGuid():N}.conf");
        File.WriteAllText(copy, File.ReadAllText(Packaged()).Replace("mctp-admin", Administrators, StringComparison.Ordinal));
        try
        {
            using DbusWorld world = Start(copy);
            Assert.True(world.Await(world.Service.ClaimName), string.Join('\n', world.Notes));
            world.AddPeer(0x1d);

            BusctlResult done = As(world, Administrators, "call", DbusWorld.LinkPath, DbusWorld.Owner, "SetupEndpoint", "ay", "1", "0x1d");

            Assert.Equal((0, ""), (done.Status, done.Errors));
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static DbusWorld Start(string? policy = null) => new(bus: PrivateBus.StartLikeSystem(
        policy ?? Packaged(),
        $"""<policy user="{Environment.UserName}"><allow own="{DbusService.BusName}"/><allow send_destination="{DbusService.BusName}"/></policy>"""));

    private static BusctlResult As(DbusWorld world, string group, params string[] arguments)
    {
        string[] groups = group.Length == 0 ? ["--clear-groups"] : [$"--groups={group}"];
        return world.Await(() => Busctl.RunProgramAsync(
            "/usr/bin/setpriv",
            [
                $"--reuid={Nobody}", $"--regid={Nobody}", .. groups, DbusTool.Busctl, $"--address={world.Bus.Address}", "--json=short",
                arguments[0], DbusService.BusName, .. arguments[1..],
            ]));
    }

    private static string Packaged([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../packaging/dbus/au.com.codeconstruct.MCTP1.conf"));
}
