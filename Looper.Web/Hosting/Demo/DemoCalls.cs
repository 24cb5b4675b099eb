using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Looper.Web.Hosting.Demo;

/// <summary>The public API as a simulated application calls it, and the outcomes that it reports a little later.</summary>
internal sealed class DemoCalls(HttpClient http, TimeProvider clock)
{
    private readonly PriorityQueue<JsonObject, DateTimeOffset> _later = new();
    private readonly Lock _gate = new();

    /// <summary>Units from <paramref name="first"/> on arrive, at <paramref name="perSecond"/>, until cancelled or refused.</summary>
    public async Task RunAsync(long first, Func<TimeSpan, double> perSecond, Func<long, Task> visit, CancellationToken cancel)
    {
        var started = clock.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200), clock);
        var due = 0.0;
        for (var number = first; await tick.WaitForNextTickAsync(cancel);)
        {
            due = Math.Min(due + perSecond(clock.GetElapsedTime(started)) * tick.Period.TotalSeconds, 200); // a slow machine drops units rather than piling them up
            var arriving = Enumerable.Range(0, (int)due).Select(i => number + i).ToList();
            number += arriving.Count;
            due -= arriving.Count;
            await Task.WhenAll(arriving.Select(visit));
            await ReportAsync(cancel);
        }
    }

    /// <summary>Null when the server is busy or does not answer, as after a machine has slept: a simulated application shrugs, as a real one would.</summary>
    /// <exception cref="HttpRequestException">The decision point or the key is gone: the simulation was removed.</exception>
    public async Task<JsonNode?> PostAsync(string path, JsonObject body, CancellationToken cancel)
    {
        try
        {
            using var response = await http.PostAsJsonAsync(path, body, cancel);
            if ((int)response.StatusCode is 429 or 503) return null;
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<JsonNode>(cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null; // the client's own timeout
        }
    }

    /// <summary>Reports outcomes of a decision once some time has passed.</summary>
    public void Observe(JsonNode answer, JsonObject outcomes, TimeSpan after)
    {
        var observation = new JsonObject { ["decisionId"] = answer["decisionId"]!.ToString(), ["outcomes"] = outcomes };
        lock (_gate) _later.Enqueue(observation, clock.GetUtcNow() + after);
    }

    private async Task ReportAsync(CancellationToken cancel)
    {
        var ready = new List<JsonObject>();
        lock (_gate)
        {
            while (_later.TryPeek(out _, out var at) && at <= clock.GetUtcNow()) ready.Add(_later.Dequeue());
        }
        await Task.WhenAll(ready.Select(observation => PostAsync("v1/observations", observation, cancel)));
    }
}
