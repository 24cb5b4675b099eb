using Looper.Core.Access;
using Looper.Core.LongTerm;
using Looper.Core.Persistence;
using Looper.Core.Personalization;
using Looper.Core.Runs;
using Looper.Web.Tests.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Looper.Web.Tests.Console.Jobs;

/// <summary>What a run is for leads to where its result stands.</summary>
public sealed class JobSubjectTests
{
    private static readonly Guid s_experiment = Guid.CreateVersion7();

    public static TheoryData<string, string, string> Kinds => new()
    {
        { JobKinds.EstimateEffects, new EffectInput(s_experiment, "purchase", "auto", 1).Write(), $"/experiments/{s_experiment}/effects" },
        { JobKinds.PredictLongTerm, new LongTermInput(s_experiment, "purchase", TimeSpan.FromDays(7), 1).Write(), $"/experiments/{s_experiment}/long-term" },
        { JobKinds.TrainModel, "{}", "/decision-points/banner-test/models" },
        { JobKinds.Import, $"{{\"experimentId\":\"{s_experiment}\"}}", "/decision-points/banner-test" },
    };

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_run_leads_to_the_page_of_what_it_is_for(string kind, string input, string page)
    {
        await using var looper = new LooperApp();
        var run = new JobRun { Id = Guid.CreateVersion7(), Kind = kind, Input = input, Subject = "banner-test", State = JobState.Done };
        await using (var db = await looper.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.Add(run);
            await db.SaveChangesAsync();
        }
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        foreach (var address in new[] { "/jobs", $"/jobs/{run.Id}" })
            Assert.Contains($"<a href=\"{page}\"><code>banner-test</code></a>", await viewer.GetStringAsync(address), StringComparison.Ordinal);
    }
}
