// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane.Tests;

public sealed class StaggeredTests
{
    [Fact]
    public async Task ForEach_WorkThatFails_EndsWithTheFailure()
    {
        using var world = new ControlWorld();
        int begun = 0;

        Task all = world.Begin<int>(async () =>
        {
            await Staggered.ForEachAsync(world.Controller.Background, Enumerable.Range(0, 100).ToArray(), _ =>
            {
                begun++;
                return Task.FromException(new InvalidOperationException("no"));
            });
            return 0;
        });

        await Assert.ThrowsAsync<InvalidOperationException>(() => all).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.InRange(begun, 1, 100);
    }
}
