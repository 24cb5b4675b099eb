using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Access;

/// <summary>S16. <c>audited.tsv</c> says for every route that is no read which action it writes to the audit, or why it writes none.
/// Every one of them is called here once.</summary>
public class AuditedRoutesTests
{
    [Fact]
    public async Task S16_every_route_that_changes_something_writes_one_row_and_the_chain_holds()
    {
        await using var looper = new LooperApp();
        var rows = Rows();
        Assert.True(Routes(looper).SequenceEqual(rows.Keys.Order()),
            $"tests/Looper.Web.Tests/Access/audited.tsv misses:\n{string.Join('\n', Routes(looper).Except(rows.Keys))}\nand names routes that are gone:\n{string.Join('\n', rows.Keys.Except(Routes(looper)))}");
        var calls = new AuditedCalls(looper, await looper.SignedInAsync(Role.Admin), rows);
        await DecideAsync(looper, calls);
        await ModelAsync(looper, calls);
        await ExperimentAsync(looper, calls);
        await StudyAsync(looper, calls);
        await PutAwayAsync(looper, calls);
        await AccessAsync(calls);
        var anonymous = new AuditedCalls(looper, looper.Anonymous(), rows);
        var user = await looper.UserAsync(Role.Viewer);
        await anonymous.DoAsync("POST /api/sign-in", "/api/sign-in", new { email = user.Email, password = LooperApp.Password });
        var check = await looper.Get<AuditQueries>().VerifyAsync(Caller.System, default);
        Assert.Null(check.Value!.FirstBroken);
        Assert.Empty(rows.Keys.Except(calls.Called).Except(anonymous.Called).Except(["POST /api/setup"])); // in SetupTests: possible only without a user
    }

    private static async Task DecideAsync(LooperApp looper, AuditedCalls calls)
    {
        var draft = (await calls.DoAsync("POST /api/drafts/", "/api/drafts", new { template = "pick-a-variant", key = "banner", name = "Banner" }))!;
        await calls.DoAsync("POST /api/drafts/{id:guid}/infer", $"/api/drafts/{draft["id"]}/infer", new { sample = """{"country":"NL"}""" });
        await calls.DoAsync("POST /api/drafts/{id:guid}/preview", $"/api/drafts/{draft["id"]}/preview", new { });
        var saved = (await calls.DoAsync("PUT /api/drafts/{id:guid}", $"/api/drafts/{draft["id"]}",
            new { key = "banner", name = "Banner", description = (string?)null, content = draft["content"]!.DeepClone() }, $"\"{draft["revision"]}\""))!;
        await calls.DoAsync("POST /api/drafts/{id:guid}/publish", $"/api/drafts/{draft["id"]}/publish", new { revision = saved["revision"]!.GetValue<long>() });
        var exported = await (await looper.SignedInAsync(Role.Viewer)).GetStringAsync("/api/configuration.yaml");
        using var file = new StringContent(exported.Replace("epsilon: 0.1", "epsilon: 0.15", StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/yaml");
        await calls.DoAsync("POST /api/apply", "/api/apply", file);
        var edited = (await calls.DoAsync("POST /api/drafts/", "/api/drafts", new { decisionPoint = "banner" }))!;
        edited["content"]!["unitName"] = "customer";
        await calls.DoAsync("PUT /api/drafts/{id:guid}", $"/api/drafts/{edited["id"]}", new { key = "banner", name = "Banner", description = (string?)null, content = edited["content"]!.DeepClone() }, $"\"{edited["revision"]}\"");
        await calls.DoAsync("POST /api/decision-points/{key}/blueprints", "/api/decision-points/banner/blueprints", new { });
        await calls.DoAsync("POST /api/decision-points/{key}/blueprints/{version:int}/restore", "/api/decision-points/banner/blueprints/1/restore", new { });
        var dropped = (await calls.DoAsync("POST /api/drafts/", "/api/drafts", new { decisionPoint = "banner" }))!;
        await ValueAsync(looper, calls, $"{dropped["id"]}");
        await calls.DoAsync("DELETE /api/drafts/{id:guid}", $"/api/drafts/{dropped["id"]}");
        await ApprenticeAsync(looper, calls);
        var training = (await (await looper.SignedInAsync(Role.Engineer)).GetFromJsonAsync<JsonNode>("/api/decision-points/banner/training"))!;
        await calls.DoAsync("PUT /api/decision-points/{key}/training", "/api/decision-points/banner/training", new { version = training["version"]!.GetValue<int>(), training = new { searchSeconds = 5 } });
        await calls.DoAsync("PATCH /api/decision-points/{key}", "/api/decision-points/banner", new { name = "The banner" });
        await looper.Get<Looper.Web.Hosting.SnapshotRefresher>().RefreshAsync(default);
        await calls.DoAsync("POST /api/decision-points/{key}/test-decisions", "/api/decision-points/banner/test-decisions", new { unit = "user-1" });
        var app = await looper.WithKeyAsync();
        var decision = await app.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"user-1"}""");
        await calls.DoAsync("POST /api/decision-points/{key}/decisions/search", "/api/decision-points/banner/decisions/search", new { unit = "user-1" });
        await calls.DoAsync("POST /api/decisions/{id}/reveal", $"/api/decisions/{decision["decisionId"]}/reveal", new { });
    }

    private static async Task ApprenticeAsync(LooperApp looper, AuditedCalls calls)
    {
        await calls.DoAsync("PUT /api/decision-points/{key}/apprentice", "/api/decision-points/banner/apprentice", new { policy = new { kind = "softmax", temperature = 0.1 } });
        while ((await looper.Get<Core.Policies.ApprenticeQueries>().FindAsync(Caller.System, "banner", default)).Value is { Evaluation.State: Core.Runs.JobState.Queued or Core.Runs.JobState.Running }) await Task.Delay(50);
        var draft = (await calls.DoAsync("POST /api/decision-points/{key}/apprentice/draft", "/api/decision-points/banner/apprentice/draft"))!["id"];
        await calls.DoAsync("DELETE /api/drafts/{id:guid}", $"/api/drafts/{draft}");
        await calls.DoAsync("DELETE /api/decision-points/{key}/apprentice", "/api/decision-points/banner/apprentice");
    }

    private static async Task ValueAsync(LooperApp looper, AuditedCalls calls, string draft)
    {
        foreach (var (route, path) in new[] { ("POST /api/drafts/{id:guid}/value", $"/api/drafts/{draft}/value"), ("POST /api/decision-points/{key}/policy-evaluations", "/api/decision-points/banner/policy-evaluations"), ("POST /api/decision-points/{key}/gain/measurements", "/api/decision-points/banner/gain/measurements") })
        {
            var run = (await calls.DoAsync(route, path, new { }))!["id"]!.GetValue<Guid>();
            while ((await looper.Get<Core.Runs.JobRunQueries>().FindAsync(Caller.System, run, default)).Value is { EndedAt: null }) await Task.Delay(50);
        }
    }

    private static async Task ModelAsync(LooperApp looper, AuditedCalls calls)
    {
        var run = (await calls.DoAsync("POST /api/decision-points/{key}/models/", "/api/decision-points/banner/models", new { }))!["jobId"]!.GetValue<Guid>();
        while ((await looper.Get<Core.Runs.JobRunQueries>().FindAsync(Caller.System, run, default)).Value is { EndedAt: null }) await Task.Delay(50);
        var again = (await calls.DoAsync("POST /api/jobs/{id:guid}/retry", $"/api/jobs/{run}/retry"))!["jobId"]!.GetValue<Guid>();
        while ((await looper.Get<Core.Runs.JobRunQueries>().FindAsync(Caller.System, again, default)).Value is { EndedAt: null }) await Task.Delay(50);
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            var point = await db.Set<DecisionPoint>().SingleAsync(p => p.Key == "banner");
            foreach (var number in new[] { 101, 102 })
            {
                db.Add(new Model
                {
                    Id = looper.Get<Ids>().Next(), DecisionPointId = point.Id, Number = number, Outcome = "clicked", BlueprintVersion = 1, Family = "gradient-boosted trees",
                    Settings = """{"readAt":"2026-11-01T00:00:00Z"}""", Data = """{"hash":"0000000000000000"}""", // enough to be made again
                    TrainedAt = point.CreatedAt, DataFrom = point.CreatedAt, DataUntil = point.CreatedAt, Artefact = Artefact.Write(new([new("@option", ColumnKind.Category, ["a"])], Constant())),
                });
            }
            await db.SaveChangesAsync();
        }
        await calls.DoAsync("POST /api/decision-points/{key}/models/{number:int}/promote", "/api/decision-points/banner/models/101/promote", new { });
        await calls.DoAsync("POST /api/decision-points/{key}/models/{number:int}/promote", "/api/decision-points/banner/models/102/promote", new { });
        await calls.DoAsync("POST /api/decision-points/{key}/models/{number:int}/train-again", "/api/decision-points/banner/models/101/train-again");
        await calls.DoAsync("POST /api/decision-points/{key}/models/go-back", "/api/decision-points/banner/models/go-back", new { outcome = "clicked" });
        await calls.DoAsync("POST /api/decision-points/{key}/models/{number:int}/explain", "/api/decision-points/banner/models/101/explain", new { values = new { } });
        await calls.DoAsync("POST /api/decision-points/{key}/models/{number:int}/retire", "/api/decision-points/banner/models/101/retire", new { });
    }

    private static TreeEnsemble Constant() => new(Objective.Squared, [0.5], [], [[0]]);

    private static async Task ExperimentAsync(LooperApp looper, AuditedCalls calls)
    {
        object plan = new { ramp = new[] { new { share = 0.1, hours = 24 } }, arms = new object[] { new { key = "control", weight = 0.5 }, new { key = "random", weight = 0.5, policy = new { kind = "random" } } } };
        var id = (await calls.DoAsync("POST /api/experiments/", "/api/experiments", new { decisionPoint = "banner", key = "first", name = "First" }))!["id"];
        await calls.DoAsync("PUT /api/experiments/{id:guid}", $"/api/experiments/{id}", new { revision = 0, key = "first", name = "First", hypothesis = (string?)null, plan });
        await calls.DoAsync("POST /api/experiments/{id:guid}/start", $"/api/experiments/{id}/start", new { reason = "agreed" });
        await calls.DoAsync("PUT /api/experiments/{id:guid}/testers", $"/api/experiments/{id}/testers", new { testers = new[] { new { unit = "me", arm = "random" } } });
        await calls.DoAsync("POST /api/experiments/{id:guid}/ramp", $"/api/experiments/{id}/ramp", new { reason = "all is well" });
        var report = (await calls.DoAsync("POST /api/experiments/{id:guid}/reports/", $"/api/experiments/{id}/reports"))!["id"];
        await calls.DoAsync("POST /api/experiments/{id:guid}/notes/", $"/api/experiments/{id}/notes", new { text = "An outage at noon." });
        await calls.DoAsync("PUT /api/settings/experiments/", "/api/settings/experiments", new { sharesReports = true, asksApproval = false });
        await calls.DoAsync("PUT /api/settings/prices/", "/api/settings/prices", new { currency = "EUR", processorHour = 0.04 });
        var share = (await calls.DoAsync("POST /api/reports/{id:guid}/shares/", $"/api/reports/{report}/shares", new { recipient = "the agency" }))!["id"];
        await calls.DoAsync("DELETE /api/reports/{id:guid}/shares/{share:guid}", $"/api/reports/{report}/shares/{share}");
        await calls.DoAsync("POST /api/experiments/{id:guid}/stop", $"/api/experiments/{id}/stop", new { conclusion = "inconclusive" });
        await calls.DoAsync("POST /api/experiments/{id:guid}/ship", $"/api/experiments/{id}/ship", new { arm = "random" });
        await calls.DoAsync("POST /api/experiments/{id:guid}/revert", $"/api/experiments/{id}/revert", new { });
        await AuditedEffects.CallAsync(looper, calls, id!.GetValue<Guid>());
        await calls.DoAsync("POST /api/experiments/{id:guid}/long-term/", $"/api/experiments/{id}/long-term", new { });
        var other = (await calls.DoAsync("POST /api/experiments/", "/api/experiments", new { decisionPoint = "banner", key = "second", name = "Second" }))!["id"];
        await ApproveAsync(looper, calls, $"/api/experiments/{other}");
    }

    // What one asks another decides, so an engineer asks where the admin's own request would be in the way.
    private static async Task ApproveAsync(LooperApp looper, AuditedCalls calls, string path)
    {
        var approver = await looper.SignedInAsync(Role.Approver);
        var engineer = await looper.SignedInAsync(Role.Engineer);
        await calls.DoAsync("PUT /api/settings/experiments/", "/api/settings/experiments", new { sharesReports = true, asksApproval = true });
        await calls.DoAsync("POST /api/experiments/{id:guid}/approval", $"{path}/approval", new { reason = "agreed" });
        (await approver.PostAsJsonAsync($"{path}/reject", new { note = "not yet" })).EnsureSuccessStatusCode();
        (await engineer.PostAsJsonAsync($"{path}/approval", new { reason = "agreed" })).EnsureSuccessStatusCode();
        await calls.DoAsync("POST /api/experiments/{id:guid}/reject", $"{path}/reject", new { note = "not yet" });
        (await engineer.PostAsJsonAsync($"{path}/approval", new { reason = "agreed" })).EnsureSuccessStatusCode();
        var revision = (await engineer.GetFromJsonAsync<JsonNode>(path))!["revision"];
        await calls.DoAsync("POST /api/experiments/{id:guid}/approve", $"{path}/approve", new { revision });
        await calls.DoAsync("PUT /api/settings/experiments/", "/api/settings/experiments", new { sharesReports = true, asksApproval = false });
        await calls.DoAsync("POST /api/experiments/{id:guid}/stop", $"{path}/stop", new { conclusion = "invalid" });
        var dropped = (await calls.DoAsync("POST /api/experiments/", "/api/experiments", new { decisionPoint = "banner", key = "third", name = "Third" }))!["id"];
        await calls.DoAsync("DELETE /api/experiments/{id:guid}", $"/api/experiments/{dropped}");
    }

    private static async Task StudyAsync(LooperApp looper, AuditedCalls calls)
    {
        object plan = new { trials = 5, parameters = new[] { new { name = "x", low = 0, high = 1 } }, goals = new[] { new { metric = "y" } } };
        var dropped = (await calls.DoAsync("POST /api/studies/", "/api/studies", new { name = "Dropped", plan }))!["id"];
        await calls.DoAsync("DELETE /api/studies/{id:guid}", $"/api/studies/{dropped}");
        var id = (await calls.DoAsync("POST /api/studies/", "/api/studies", new { name = "Shares", decisionPoint = "banner", plan = new { trials = 5, parameters = new[] { new { name = "epsilon", low = 0, high = 1 } }, goals = new[] { new { metric = "clicked" } } } }))!["id"]!.GetValue<Guid>();
        await calls.DoAsync("POST /api/studies/{id:guid}/start", $"/api/studies/{id}/start");
        await calls.DoAsync("POST /api/studies/{id:guid}/pause", $"/api/studies/{id}/pause", new { });
        await calls.DoAsync("POST /api/studies/{id:guid}/resume", $"/api/studies/{id}/resume");
        await calls.DoAsync("POST /api/studies/{id:guid}/ask", $"/api/studies/{id}/ask", new { });
        await calls.DoAsync("POST /api/studies/{id:guid}/tell", $"/api/studies/{id}/tell", new { trial = 1, metrics = new { clicked = new { mean = 0.5 } } });
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Add(new Core.Studies.StudyTrial { Id = looper.Get<Ids>().Next(), StudyId = id, Number = 2, Batch = 2, State = Core.Studies.StudyTrialState.Waiting, Parameters = """{"epsilon":0.25}""" });
            await db.SaveChangesAsync();
        }
        await calls.DoAsync("POST /api/studies/{id:guid}/trials/{number:int}/strike-out", $"/api/studies/{id}/trials/2/strike-out", new { });
        await calls.DoAsync("POST /api/studies/{id:guid}/trials/{number:int}/draft", $"/api/studies/{id}/trials/1/draft");
        await calls.DoAsync("POST /api/studies/{id:guid}/trials/{number:int}/confirm", $"/api/studies/{id}/trials/1/confirm");
        await calls.DoAsync("POST /api/studies/{id:guid}/stop", $"/api/studies/{id}/stop", new { });
    }

    private static async Task PutAwayAsync(LooperApp looper, AuditedCalls calls)
    {
        await calls.DoAsync("POST /api/decision-points/{key}/pause", "/api/decision-points/banner/pause", new { });
        await calls.DoAsync("POST /api/decision-points/{key}/resume", "/api/decision-points/banner/resume");
        await calls.DoAsync("POST /api/decision-points/{key}/archive", "/api/decision-points/banner/archive");
        await calls.DoAsync("POST /api/decision-points/{key}/restore", "/api/decision-points/banner/restore");
        await calls.DoAsync("POST /api/decision-points/{key}/clear", "/api/decision-points/banner/clear", new { confirm = "banner" });
        await calls.DoAsync("DELETE /api/simulations/", "/api/simulations");
        await calls.DoAsync("PUT /api/settings/data/", "/api/settings/data", new { days = 500 });
        await calls.DoAsync("PUT /api/decision-points/{key}/retention", "/api/decision-points/banner/retention", new { days = 300 });
        await calls.DoAsync("POST /api/erasures/", "/api/erasures", new { unit = "nobody", confirm = "nobody" });
        await calls.DoAsync("POST /api/settings/data/purge", "/api/settings/data/purge");
        using var form = new MultipartFormDataContent
        {
            { new StringContent("""{"decisionPoint":"banner","option":"shown","propensity":"uniform"}"""), "mapping" },
            { new StringContent("shown,clicked\na,1\nb,0\n"), "file", "past.csv" },
        };
        await calls.DoAsync("POST /api/imports/", "/api/imports", form);
        await calls.DoAsync("POST /api/jobs/{id:guid}/cancel", $"/api/jobs/{await RunningAsync(looper)}/cancel");
    }

    /// <summary>A run that another node is working on: it does not end while the test looks at it.</summary>
    private static async Task<Guid> RunningAsync(LooperApp looper)
    {
        var now = looper.Get<TimeProvider>().GetUtcNow();
        var run = new Core.Runs.JobRun { Id = looper.Get<Ids>().Next(), Kind = Core.Runs.JobKinds.TrainModel, Subject = "banner", RequestedAt = now };
        run.Start(now);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        db.Add(run);
        await db.SaveChangesAsync();
        return run.Id;
    }

    private static async Task AccessAsync(AuditedCalls calls)
    {
        var user = (await calls.DoAsync("POST /api/users/", "/api/users", new { email = "bob@example.com", name = "Bob", role = "viewer", password = LooperApp.Password }))!["id"];
        await calls.DoAsync("PATCH /api/users/{id:guid}", $"/api/users/{user}", new { role = "analyst" });
        await calls.DoAsync("POST /api/users/{id:guid}/password", $"/api/users/{user}/password", new { password = "quite another sentence 43" });
        await calls.DoAsync("POST /api/users/{id:guid}/sign-out", $"/api/users/{user}/sign-out");
        await calls.DoAsync("DELETE /api/users/{id:guid}", $"/api/users/{user}");
        var key = (await calls.DoAsync("POST /api/keys/", "/api/keys", new { name = "shop", scopes = new[] { "decide" } }))!["id"];
        await calls.DoAsync("DELETE /api/keys/{id:guid}", $"/api/keys/{key}");
        await calls.DoAsync("PUT /api/settings/general", "/api/settings/general", new { name = "Shop" });
        await calls.DoAsync("PATCH /api/profile/", "/api/profile", new { name = "Ada" });
        await calls.DoAsync("POST /api/audit/verify", "/api/audit/verify");
        await calls.DoAsync("POST /api/profile/password", "/api/profile/password", new { current = LooperApp.Password, password = "quite another sentence 43" });
        await calls.DoAsync("POST /api/sign-out", "/api/sign-out");
    }

    private static List<string> Routes(LooperApp looper) =>
        (from endpoint in looper.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
         where endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("api/", StringComparison.Ordinal)
         from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
         where method is not ("GET" or "HEAD")
         select $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}").Distinct().Order().ToList();

    private static Dictionary<string, string> Rows() => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Access", "audited.tsv"))
        .Skip(1).Where(line => line.Length > 0).Select(line => line.Split('\t')).ToDictionary(cells => cells[0], cells => cells[1]);
}
