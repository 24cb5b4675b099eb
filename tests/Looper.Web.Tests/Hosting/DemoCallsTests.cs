using System.Text.Json.Nodes;
using Looper.Testing;
using Looper.Web.Hosting.Demo;

namespace Looper.Web.Tests.Hosting;

public sealed class DemoCallsTests
{
    [Fact] // otherwise the simulation ends in an exception, and the whole server with it
    public async Task A_server_that_does_not_answer_in_time_is_shrugged_off_and_the_end_is_not()
    {
        using var silent = new Silent();
        using var http = new HttpClient(silent) { BaseAddress = new("http://localhost"), Timeout = TimeSpan.FromMilliseconds(20) };
        var calls = new DemoCalls(http, new TestClock());
        Assert.Null(await calls.PostAsync("v1/decisions", [], default));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls.PostAsync("v1/decisions", [], new(canceled: true)));
    }

    private sealed class Silent : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("It never answers.");
        }
    }
}
