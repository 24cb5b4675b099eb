using System.Globalization;
using System.Text.Json;
using Looper.Core;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Benchmarks.Serving;

/// <summary><c>shadow [--seconds N] [--rounds N]</c>: decide over HTTP with a model, while another of the same size stands in its shadow, beside the
/// same without; each run is longer than the 20 seconds between two looks at the shadow.</summary>
internal static class ShadowCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        int Of(string name, int otherwise) => Array.IndexOf(arguments, name) is >= 0 and var at ? int.Parse(arguments[at + 1], CultureInfo.InvariantCulture) : otherwise;
        var (seconds, rounds) = (Of("--seconds", 22), Of("--rounds", 2));
        await using var server = await BenchServer.StartAsync(Of("--port", 5581));
        var content = BenchPoint.Content(predicts: true);
        var (live, beside) = (BenchPoint.Train(200, 63), BenchPoint.Train(200, 63));
        // Its outcomes stay open, so it never sees enough of them to leave the shadow.
        await server.PublishAsync([("model", content with { Outcomes = [content.Outcomes[0] with { Window = TimeSpan.FromDays(1) }] })], live);
        var id = await AddAsync(server, beside);
        using var wrk = new Wrk(64, -1);
        var script = wrk.Script("shadow", await server.KeyAsync(), Enumerable.Range(0, 500).Select(i => BenchPoint.Call("model", i)).ToList());
        var url = $"http://127.0.0.1:{server.Port}/v1/decisions";
        await wrk.RunAsync(url, script, 6);
        var (compared, p99s) = (new List<int>(), (With: new List<double>(), Without: new List<double>()));
        async Task<double> Run(bool shadowed)
        {
            await SetAsync(server, id, shadowed);
            var load = await wrk.RunAsync(url, script, seconds);
            if (load.Bad > 0) throw new InvalidOperationException($"{load.Bad} calls were refused.");
            (shadowed ? p99s.With : p99s.Without).Add(load.P99.TotalMilliseconds);
            if (shadowed) compared.Add(await ComparedAsync(server, id));
            return load.PerSecond;
        }
        var ratios = new List<(double With, double Without)>();
        for (var round = 0; round < rounds; round++)
        {
            var first = await Run(true);
            var without = (await Run(false) + await Run(false)) / 2;
            ratios.Add(((first + await Run(true)) / 2, without));
        }
        var sorted = ratios.Select(r => r.With / r.Without).Order().ToList();
        Console.WriteLine("| With a model in the shadow | without | ratio of throughput | p99 with | without | decisions compared at each look |");
        Console.WriteLine("|---|---|---|---|---|---|");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {Stopclock.Median([.. ratios.Select(r => r.With)]):F0} answers/s | {Stopclock.Median([.. ratios.Select(r => r.Without)]):F0} | **{Stopclock.Median(sorted):F2}** ({sorted[0]:F2}–{sorted[^1]:F2}) | {Stopclock.Median(p99s.With):F1} ms | {Stopclock.Median(p99s.Without):F1} ms | {string.Join(", ", compared)} |"));
        return 0;
    }

    private static async Task<Guid> AddAsync(BenchServer server, TrainedPredictor predictor)
    {
        await using var db = await server.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var (ids, now) = (server.Get<Ids>(), TimeProvider.System.GetUtcNow());
        var live = await db.Set<Model>().SingleAsync();
        var shadow = new Model
        {
            Id = ids.Next(), DecisionPointId = live.DecisionPointId, Number = 2, Outcome = live.Outcome, State = ModelState.Candidate, Family = "trees", BlueprintVersion = 1,
            TrainedAt = now, DataFrom = now, DataUntil = now, Artefact = Artefact.Write(predictor),
        };
        db.Add(shadow);
        db.Add(new GateDecision
        {
            Id = ids.Next(), DecisionPointId = live.DecisionPointId, Outcome = live.Outcome, ModelNumber = 2, LiveNumber = 1, At = now,
            Stage = GateStage.Training, Verdict = GateVerdict.Shadowed, DecidedBy = "rule",
        });
        await db.SaveChangesAsync();
        return shadow.Id;
    }

    private static async Task SetAsync(BenchServer server, Guid id, bool shadowed)
    {
        await using (var db = await server.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            var model = await db.Set<Model>().SingleAsync(m => m.Id == id);
            (model.State, model.ShadowedAt) = (ModelState.Candidate, null);
            if (shadowed) model.BeginShadow(TimeProvider.System.GetUtcNow());
            await db.SaveChangesAsync();
        }
        await server.Get<SnapshotRefresher>().RefreshAsync(default);
    }

    /// <summary>Of the last look; a shadow that no look has seen would be no measurement.</summary>
    private static async Task<int> ComparedAsync(BenchServer server, Guid id)
    {
        await using var db = await server.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var model = await db.Set<Model>().AsNoTracking().SingleAsync(m => m.Id == id);
        using var shadow = JsonDocument.Parse(model.Shadow);
        if (model.State == ModelState.Shadow && shadow.RootElement.TryGetProperty("decisions", out var decisions)) return decisions.GetInt32();
        throw new InvalidOperationException($"No look has seen the shadow, or it has ended: {model.State}.");
    }
}
