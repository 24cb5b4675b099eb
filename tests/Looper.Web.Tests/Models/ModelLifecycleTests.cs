using System.Net;
using System.Text.Json.Nodes;
using System.Net.Http.Json;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Looper.Testing;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Web.Tests.Models;

public sealed class ModelLifecycleTests
{
    private static string Nation(int i) => i % 3 == 0 ? "NL" : i % 3 == 1 ? "DE" : "FR";

    [Fact]
    public async Task Drift_is_alerted_once_and_asks_for_a_training()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", LiveModels.Banner);
        var (app, admin) = (await looper.WithKeyAsync(), await looper.SignedInAsync(Role.Approver));
        await looper.AddModelAsync(point, 1, ModelState.Live, profile: """{"features":[{"name":"country","edges":[],"levels":["NL","DE","FR"],"counts":[400,400,400,0,0]}],"outcome":null}""");
        await app.DecideAsync(0, 300, Nation);
        await looper.Get<DriftCheck>().CheckAsync(default);
        Assert.Empty((await admin.GetFromJsonAsync<JsonArray>("/api/alerts"))!);

        await app.DecideAsync(300, 900, _ => "ES");
        await looper.Get<DriftCheck>().CheckAsync(default);
        await looper.Get<DriftCheck>().CheckAsync(default);
        var alert = Assert.Single((await admin.GetFromJsonAsync<JsonArray>("/api/alerts?decisionPoint=banner&active=true"))!)!;
        Assert.Equal(("drift.feature", "country", "urgent", 1), (alert["condition"]!.ToString(), alert["subject"]!.ToString(), alert["weight"]!.ToString(), alert["modelNumber"]!.GetValue<int>()));
        var figures = (await admin.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/drift"))!["models"]![0]!["figures"]!.AsArray();
        Assert.Equal(1_200, Assert.Single(figures)!["units"]!.GetValue<int>());
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        Assert.Single(await db.Set<JobRun>().ToListAsync(), r => r.Input.Contains("drift of country", StringComparison.Ordinal));
        Assert.Single(await db.Set<AuditEntry>().ToListAsync(), e => e.Action == "alert.fired");
    }

    [Fact] // six hours lie between trainings, and one that failed answers nothing
    public async Task Drift_soon_after_a_training_is_answered_when_its_time_has_come()
    {
        var clock = new TestClock();
        await using var looper = new LooperApp(services: services => services.AddSingleton<TimeProvider>(clock), recurs: false);
        var point = await looper.PublishAsync("banner", LiveModels.Banner with { Training = LiveModels.Banner.Training with { RetrainEvery = null, FirstModelAt = 0 } });
        await looper.AddModelAsync(point, 1, ModelState.Live, profile: """{"features":[{"name":"country","edges":[],"levels":["NL","DE","FR"],"counts":[400,400,400,0,0]}],"outcome":null}""");
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        void Ended(JobState state) => db.Add(new JobRun { Id = Guid.CreateVersion7(), Kind = JobKinds.TrainModel, DecisionPointId = point, Subject = "banner", Input = new TrainingInput("asked by hand").Write(), State = state, RequestedBy = "ann", RequestedAt = clock.GetUtcNow(), EndedAt = clock.GetUtcNow() });
        async Task<int> AskedAsync()
        {
            await db.SaveChangesAsync();
            await looper.Get<DriftCheck>().CheckAsync(default);
            return await db.Set<JobRun>().CountAsync(r => r.Kind == JobKinds.TrainModel && r.RequestedBy != "ann");
        }
        Ended(JobState.Done);
        clock.Turn(TimeSpan.FromMinutes(1));
        await (await looper.WithKeyAsync()).DecideAsync(0, 600, _ => "ES");
        Assert.Equal(0, await AskedAsync());
        Assert.Single(await db.Set<Alert>().ToListAsync());
        clock.Turn(TimeSpan.FromHours(4));
        Ended(JobState.Failed);
        clock.Turn(TimeSpan.FromHours(5));
        Assert.Equal(0, await AskedAsync());
        clock.Turn(TimeSpan.FromHours(2));
        Assert.Equal(1, await AskedAsync());
    }

    [Fact] // two looks at once: the schedule's and a person's
    public async Task What_a_later_look_found_is_not_cleared_by_one_that_began_before()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", LiveModels.Banner);
        var (app, now) = (await looper.WithKeyAsync(), looper.Get<TimeProvider>().GetUtcNow());
        await looper.AddModelAsync(point, 1, ModelState.Live, profile: """{"features":[{"name":"country","edges":[],"levels":["NL","DE","FR"],"counts":[400,400,400,0,0]}],"outcome":null}""");
        await app.DecideAsync(0, 300, Nation); // as the profile says: nothing drifts
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var alert = new Alert { Id = Guid.CreateVersion7(now), DecisionPointId = point, Condition = "drift.feature", Subject = "country", ModelNumber = 1, Sentence = "Found later.", FiredAt = now, SeenAt = now.AddHours(1) };
        db.Add(alert);
        await db.SaveChangesAsync();
        foreach (var isLater in new[] { true, false })
        {
            await looper.Get<DriftCheck>().CheckAsync(default);
            await db.Entry(alert).ReloadAsync();
            Assert.Equal(isLater, alert.ClearedAt is null);
            alert.SeenAt = now;
            await db.SaveChangesAsync();
        }
    }

    [Fact]
    public async Task Categories_of_a_personal_feature_are_not_shown()
    {
        await using var looper = new LooperApp();
        var banner = LiveModels.Banner;
        var point = await looper.PublishAsync("banner", banner with { Features = [banner.Features[0] with { IsPersonal = true }, banner.Features[1]] });
        await looper.AddModelAsync(point, 1, ModelState.Live, artefact: Artefact.Write(new(
            [new("country", ColumnKind.Category, ["NL", "Atlantis"])], new TreeEnsemble(Objective.Squared, [0.5], [], [[0, 1]]))));
        var viewer = await looper.SignedInAsync(Role.Viewer);
        var text = await viewer.GetStringAsync("/api/decision-points/banner/models/1");
        Assert.DoesNotContain("Atlantis", text, StringComparison.Ordinal);
        Assert.Equal("country", Assert.Single(JsonNode.Parse(text)!["personal"]!.AsArray())!.ToString());
        Assert.Equal("country", Assert.Single(JsonNode.Parse(text)!["columns"]!.AsArray())!["name"]!.ToString());
    }

    [Fact]
    public async Task A_candidate_that_holds_up_beside_the_live_model_takes_its_place_and_one_click_goes_back()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", LiveModels.Banner with { Outcomes = [LiveModels.Banner.Outcomes[0] with { Window = TimeSpan.FromDays(2) }] }); // too long to be waited for
        var (app, admin) = (await looper.WithKeyAsync(), await looper.SignedInAsync(Role.Engineer));
        await looper.AddModelAsync(point, 1, ModelState.Live);
        await looper.AddModelAsync(point, 2, ModelState.Shadow, comparedWith: 1);
        await app.DecideAsync(0, 60, Nation);
        await looper.Get<ShadowReview>().CheckAsync(default); // 60 of 100
        var waiting = (await admin.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/models/2"))!;
        Assert.Equal(("shadow", 60, 1.0), (waiting["model"]!["state"]!.ToString(), waiting["shadow"]!["decisions"]!.GetValue<int>(), waiting["shadow"]!["sameBest"]!.GetValue<double>()));
        Assert.Equal(1, (await app.OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"u"}"""))["modelVersion"]!.GetValue<int>());

        await app.DecideAsync(60, 60, Nation);
        await looper.Get<ShadowReview>().CheckAsync(default);
        await Eventually.IsTrueAsync(async () => (await admin.GetFromJsonAsync<JsonNode>("/api/decision-points/banner/models/2"))!["model"]!["state"]!.ToString() == "live");
        var decided = (await admin.GetFromJsonAsync<JsonArray>("/api/decision-points/banner/models/2/gate-decisions"))!;
        Assert.Equal(("shadow", "promoted", 1), (decided[0]!["stage"]!.ToString(), decided[0]!["verdict"]!.ToString(), decided[0]!["liveNumber"]!.GetValue<int>()));
        Assert.Equal(["live", "retired"], (await admin.GetFromJsonAsync<JsonArray>("/api/decision-points/banner/models"))!.OrderByDescending(m => m!["number"]!.GetValue<int>()).Select(m => m!["state"]!.ToString()));

        await Problem.IsAsync(await admin.SendAsync("/api/decision-points/banner/models/go-back", """{"outcome":"purchase","from":1}"""), HttpStatusCode.PreconditionFailed, "model.changed-meanwhile"); // not the one that is live
        Assert.Equal(1, (await admin.OkAsync("/api/decision-points/banner/models/go-back", """{"outcome":"purchase","reason":"odd banners","from":2}"""))["number"]!.GetValue<int>());
        var all = (await admin.GetFromJsonAsync<JsonArray>("/api/decision-points/banner/models/gate-decisions"))!;
        Assert.Equal(("rolledBack", "person", "odd banners"), (all[0]!["verdict"]!.ToString(), all[0]!["stage"]!.ToString(), all[0]!["reason"]!.ToString()));
    }

    public enum Meanwhile
    {
        OtherOutcome,
        Archived,
        UnreadableVersion,
    }

    [Theory, InlineData(Meanwhile.OtherOutcome, "defines `purchase` otherwise"), InlineData(Meanwhile.Archived, "was archived"), InlineData(Meanwhile.UnreadableVersion, "version 1, for which it was trained, cannot be read")]
    public async Task A_candidate_in_the_shadow_goes_live_by_what_holds_at_the_end_of_it(Meanwhile what, string why)
    {
        await using var looper = new LooperApp(recurs: false);
        var content = LiveModels.Banner with { Outcomes = [LiveModels.Banner.Outcomes[0] with { Window = TimeSpan.FromDays(2) }] }; // too long to be waited for
        var point = await looper.PublishAsync("banner", content);
        var app = await looper.WithKeyAsync();
        await looper.AddModelAsync(point, 1, ModelState.Live);
        await looper.AddModelAsync(point, 2, ModelState.Shadow, comparedWith: 1);
        if (what != Meanwhile.Archived)
            await looper.PublishAsync("banner", content with { Outcomes = [content.Outcomes[0] with { Window = TimeSpan.FromDays(what == Meanwhile.OtherOutcome ? 3 : 2) }], Default = "ten-percent" });
        await app.DecideAsync(0, 120, Nation);
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        if (what == Meanwhile.Archived) await looper.ChangeAsync("banner", p => p.IsArchived = true);
        if (what == Meanwhile.UnreadableVersion) await db.Set<Blueprint>().Where(b => b.Version == 1).ExecuteUpdateAsync(b => b.SetProperty(x => x.Content, "{"));

        Assert.Equal(1, await looper.Get<ShadowReview>().CheckAsync(default));
        Assert.Equal([(1, ModelState.Live), (2, ModelState.Candidate)], (await db.Set<Model>().OrderBy(m => m.Number).ToListAsync()).Select(m => (m.Number, m.State)));
        var decided = await db.Set<GateDecision>().SingleAsync(d => d.Stage == GateStage.Shadow);
        Assert.Equal(GateVerdict.Kept, decided.Verdict);
        Assert.Contains(why, JsonNode.Parse(decided.Evidence)!["verdict"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory, InlineData(true, GateVerdict.LeftToPerson), InlineData(false, GateVerdict.Promoted)] // as it is said before publishing
    public async Task A_training_setting_that_counts_at_once_counts_for_the_candidate_in_the_shadow(bool leavesToPersons, GateVerdict verdict)
    {
        await using var looper = new LooperApp(recurs: false);
        var content = LiveModels.Banner with { Outcomes = [LiveModels.Banner.Outcomes[0] with { Window = TimeSpan.FromDays(2) }] }; // too long to be waited for
        var changed = content with { Training = leavesToPersons ? content.Training with { PromoteAutomatically = false } : content.Training with { Gate = content.Training.Gate with { ShadowDecisions = 50 } } };
        var point = await looper.PublishAsync("banner", content);
        await looper.AddModelAsync(point, 1, ModelState.Live);
        await looper.AddModelAsync(point, 2, ModelState.Shadow, comparedWith: 1);
        await (await looper.WithKeyAsync()).DecideAsync(0, leavesToPersons ? 120 : 60, Nation);
        await looper.PublishAsync("banner", changed);
        Assert.Equal(1, await looper.Get<ShadowReview>().CheckAsync(default));
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        Assert.Equal(verdict, (await db.Set<GateDecision>().SingleAsync(d => d.Stage == GateStage.Shadow)).Verdict);
        var said = Assert.Single(BlueprintDiff.Between(content, changed).Changes).Consequence;
        Assert.StartsWith("Counts at once", said, StringComparison.Ordinal);
        Assert.Contains("a candidate in the shadow", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R6_a_live_model_that_cannot_be_read_is_set_aside_and_the_last_good_one_serves_on_even_after_a_restart()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", LiveModels.Banner);
        await looper.AddModelAsync(point, 1, ModelState.Live);
        Assert.Equal(1, await ServedByAsync(looper));
        var broken = Artefact.Write(new([new("@option", ColumnKind.Category, ["none"])], new TreeEnsemble(Objective.Squared, [0.5], [], [[0]])));
        broken[^1] ^= 1;
        await looper.ChangeModelAsync(1, m => m.Retire(m.TrainedAt));
        await looper.AddModelAsync(point, 2, ModelState.Live, artefact: broken);
        Assert.Equal(1, await ServedByAsync(looper));
        Assert.True(File.Exists(Path.Combine(looper.DataDirectory, "models", "banner-2.bad")));
        var admin = await looper.SignedInAsync(Role.Engineer);
        var alert = Assert.Single((await admin.GetFromJsonAsync<JsonArray>("/api/alerts"))!)!;
        Assert.Contains("Model 1 as last read goes on serving", alert["sentence"]!.ToString(), StringComparison.Ordinal);
        using (var refused = await admin.SendAsync("/api/decision-points/banner/models/2/promote", "{}")) Assert.Equal(409, (int)refused.StatusCode);
        await looper.ChangeAsync("banner", p => p.IsArchived = true);
        Assert.Empty((await admin.GetFromJsonAsync<JsonArray>("/api/alerts?active=true"))!); // nobody needs to mend what decides nothing
        await looper.ChangeAsync("banner", p => p.IsArchived = false);
        Assert.Single((await admin.GetFromJsonAsync<JsonArray>("/api/alerts?active=true"))!);

        await looper.RestartAsync();
        Assert.Equal(1, await ServedByAsync(looper));
        Assert.Equal(1, (await (await looper.SignedInAsync(Role.Engineer)).OkAsync("/api/decision-points/banner/models/go-back", """{"outcome":"purchase"}"""))["number"]!.GetValue<int>());
        await using var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        await Eventually.IsTrueAsync(() => db.Set<AuditEntry>().AnyAsync(e => e.Action == "alert.cleared" && e.Subject == "banner/purchase"));
    }

    private static async Task<int> ServedByAsync(LooperApp looper)
    {
        var answer = await (await looper.WithKeyAsync()).OkAsync("/v1/decisions", """{"decisionPoint":"banner","unit":"u"}""");
        Assert.Equal("policy", answer["reason"]!.ToString());
        return answer["modelVersion"]!.GetValue<int>();
    }
}
