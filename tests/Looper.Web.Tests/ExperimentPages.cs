using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests;

/// <summary>An experiment with its events in the journal, for what its pages and exports say.</summary>
internal sealed class ExperimentPages(LooperApp looper, HttpClient client)
{
    public const string TwoArms = """[{"key":"control","weight":0.5,"option":"a"},{"key":"treatment","weight":0.5,"option":"b"}]""";

    public static BlueprintContent Content { get; } = new()
    {
        Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a",
        Features = [new("company", FeatureKind.Category), new("visits", FeatureKind.Number)],
        Outcomes =
        [
            new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1), Absent = 0 },
            new("revenue", OutcomeKind.Number) { Window = TimeSpan.FromMinutes(1), Absent = 0, Aggregation = Aggregation.Sum, UnitOfMeasure = "EUR" },
        ],
        Goal = new() { Terms = [new("purchase")], Guardrails = [new("revenue", 0.05)] },
    };

    public async Task<Guid> PointAsync(string key, BlueprintContent? content = null, string? name = null)
    {
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = key, Name = name ?? key, CurrentVersion = 1, Salt = 7 };
        db.Add(point);
        db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = 1, Content = BlueprintJson.Write(content ?? Content), Hash = "h" });
        await db.SaveChangesAsync();
        return point.Id;
    }

    /// <param name="plan">JSON of the plan, two arms when it names none.</param>
    public async Task<Guid> DraftAsync(string point, string plan = "{}")
    {
        var whole = JsonNode.Parse(plan)!.AsObject();
        whole["arms"] ??= JsonNode.Parse(TwoArms);
        using var created = await client.PostAsJsonAsync("/api/experiments", new { decisionPoint = point, key = $"{point}-q4", name = $"On {point}", plan = whole });
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        return (Guid)(await created.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;
    }

    public async Task<Guid> RunningAsync(string point, string plan = "{}")
    {
        var id = await DraftAsync(point, plan);
        using var started = await client.PostAsJsonAsync($"/api/experiments/{id}/start", new { reason = "a trial" });
        Assert.True(started.IsSuccessStatusCode, await started.Content.ReadAsStringAsync());
        return id;
    }

    /// <summary>Writes what one unit did: its decision, and what it brought.</summary>
    /// <param name="since">How long ago.</param>
    public async Task UnitAsync(Guid point, Guid experiment, string unit, int arm, TimeSpan since, params (string Outcome, double Value)[] brought)
    {
        var at = looper.Get<TimeProvider>().GetUtcNow() - since;
        var id = $"{point:N}{unit}";
        await looper.Get<Journal>().AppendAsync(new DecisionRecord
        {
            Id = id, DecisionPointId = point, Unit = unit, Time = at, BlueprintVersion = 1, Option = arm, Propensity = 0.5, Reason = Reason.Experiment, ExperimentId = experiment, Arm = arm, Served = Array.Empty<byte>(),
        }, false, default);
        foreach (var (outcome, value) in brought)
            await looper.Get<Journal>().AppendAsync([new ObservationRecord { Id = $"{id}{outcome}", DecisionId = id, Outcome = outcome, Value = value, Time = at.AddSeconds(1), ReceivedAt = at.AddSeconds(1), RequestHash = 1 }], default);
    }

    public async Task<JsonNode> ReportAsync(Guid experiment)
    {
        using var computed = await client.PostAsync($"/api/experiments/{experiment}/reports", null);
        Assert.True(computed.IsSuccessStatusCode, await computed.Content.ReadAsStringAsync());
        return (await computed.Content.ReadFromJsonAsync<JsonNode>())!;
    }
}
