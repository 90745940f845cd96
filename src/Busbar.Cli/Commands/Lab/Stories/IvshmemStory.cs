// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;

namespace Busbar.Cli;

/// <summary>
/// What stories 1 and 2 share: a guest as host side of a link over ivshmem-doorbell, and an endpoint that is exercised, resets the link, is killed and
/// comes back. They differ in where the endpoint is.
/// </summary>
internal abstract class IvshmemStory : IStory
{
    private const string Host = "A";
    private const string Endpoint = "B";
    private const string Narrator = "=";

    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_exercise = TimeSpan.FromMinutes(4);

    private readonly bool _endpointIsAGuest;

    protected IvshmemStory(int number, string title, bool endpointIsAGuest)
    {
        (Number, Title, _endpointIsAGuest) = (number, title, endpointIsAGuest);
        Cast = [new(Host, "guest, host side"), new(Endpoint, endpointIsAGuest ? "guest, endpoint side" : "process, endpoint side")];
    }

    public int Number { get; }

    public string Title { get; }

    public bool NeedsGuests => true;

    public IReadOnlyList<StoryRole> Cast { get; }

    public void Tell(StoryStage stage)
    {
        string socket = stage.PathOf("s");
        string link = $"mmbi:pci:{IvshmemGuest.Address},role=discoverer";
        stage.Step("serve shared memory and doorbells", () =>
        {
            stage.Start(Narrator, "ivshmem-server", "--socket", socket, "--size", "4M", "--parent", $"{Environment.ProcessId}").Expect("ready", s_step);
            return null;
        });
        GuestMachine[] guests = [];
        stage.Step(_endpointIsAGuest ? "boot both guests" : "boot the guest", () =>
        {
            GuestOptions options = IvshmemGuest.Options(socket);
            guests = _endpointIsAGuest ? stage.Boot((Host, options), (Endpoint, options)) : stage.Boot((Host, options));
            return null;
        });
        IvshmemEnd endpoint = _endpointIsAGuest
            ? IvshmemEnd.InGuest(stage, Endpoint, socket, guests[1])
            : IvshmemEnd.AsProcess(stage, Endpoint, socket);
        endpoint.Start();
        stage.Step($"bind the device in {Host}", () => PciInGuest.Bind(stage, guests[0], Host, IvshmemGuest.Address));
        stage.Step(
            $"discover, echo all sizes, reset by {Host}",
            () => stage.Exercise(guests[0], Host, [link], "--count 20 --timeout 30", s_exercise));
        StoryTraffic? traffic = null;
        stage.Step("keep messages going", () =>
        {
            traffic = new StoryTraffic(stage, guests[0], Host, [link]);
            return null;
        });
        stage.Step($"reset by {Endpoint}", () => traffic!.Survive(endpoint.Reset, link));
        endpoint.KillAndReturn(traffic!, link);
        stage.Step("leave in order", () =>
        {
            string told = traffic!.Stop();
            endpoint.Quit();
            return told;
        });
    }
}
