using System.Net;
using System.Text;
using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Core.Studies;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Studies;

/// <summary>A study on a simulator inside the test, carried on by loops that may fall.</summary>
internal static class StudyRuns
{
    public static StudyPlan Plan(int trials = 14) => new()
    {
        Source = TrialSource.Simulator, SimulatorUrl = "http://simulator.test/measure", Trials = trials, Batch = 2, Seed = 3,
        Parameters = [new("x") { Low = 0, High = 1 }, new("y") { Low = 0, High = 1 }],
        Goals = [new("value", Aim.Minimize)], Guardrails = [new("cost") { AtMost = 1.2 }],
    };

    public static async Task<Guid> StartedAsync(TestDatabase database, StudyPlan? plan = null)
    {
        var actions = Actions(database);
        var id = (await actions.CreateAsync(Caller.System, new("Thresholds", Plan: plan ?? Plan()), default)).Value;
        Assert.Null(await actions.StartAsync(Caller.System, id, default));
        return id;
    }

    public static StudyActions Actions(TestDatabase database)
    {
        var (databases, clock, ids, changes) = (database.Databases, database.Get<TimeProvider>(), database.Get<Ids>(), database.Get<ChangeFeed>());
        return new(databases, new(databases, new(databases, clock, ids, changes), null!, clock, changes), clock, ids, changes);
    }

    public static StudyLoop Loop(TestDatabase database, IDbContextFactory<LooperDb> databases, HttpMessageHandler simulator)
    {
        var (clock, changes) = (database.Get<TimeProvider>(), database.Get<ChangeFeed>());
        return new(databases, new(databases, new SimulatorHttp(simulator), clock, changes), null!, null!, clock, database.Get<Ids>(), changes, NullLogger<StudyLoop>.Instance);
    }

    public static async Task<(Study Study, List<StudyTrial> Trials)> StoredAsync(TestDatabase database, Guid id)
    {
        await using var db = await database.Databases.CreateDbContextAsync();
        return (await db.Set<Study>().SingleAsync(s => s.Id == id), await db.Set<StudyTrial>().Where(t => t.StudyId == id).OrderBy(t => t.Number).ToListAsync());
    }

    /// <summary>Trials as text: everything but ids and times.</summary>
    public static string[] Text(IEnumerable<StudyTrial> trials) => [.. trials.Select(t => $"{t.Number} {t.Batch} {t.State} {t.Parameters} {t.Metrics} {t.Why}")];

    /// <summary>A bowl with its bottom at (0.3, 0.7) and a cost of x + y; counts what it was asked.</summary>
    public sealed class Simulator(Func<int, HttpResponseMessage>? answer = null) : HttpMessageHandler
    {
        public List<int> Asked { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var body = JsonDocument.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
            var trial = body.RootElement.GetProperty("trial").GetInt32();
            Asked.Add(trial);
            if (answer is not null) return answer(trial);
            var (x, y) = (body.RootElement.GetProperty("parameters").GetProperty("x").GetDouble(), body.RootElement.GetProperty("parameters").GetProperty("y").GetDouble());
            return Json(FormattableString.Invariant($$$"""{"metrics":{"value":{"mean":{{{(x - 0.3) * (x - 0.3) + (y - 0.7) * (y - 0.7)}}},"standardError":0},"cost":{"mean":{{{x + y}}},"standardError":0}},"units":500}"""));
        }

        public static HttpResponseMessage Json(string text) => new(HttpStatusCode.OK) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
    }
}
