using System.Collections.Immutable;
using System.Text;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Optimization;
using Looper.Core.Serving;
using Looper.Core.Simulation;
using Looper.Core.Studies;
using Looper.Testing.Events;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Testing.Simulation;

/// <summary>The closed loop as the product runs it: a study's loop begins experiments, the engine assigns and answers simulated users, the
/// journal keeps what they did, reports read it, and the loop proposes again. A person goes on whenever a guardrail has paused the study.</summary>
public sealed class NotificationLoop : IAsyncDisposable
{
    /// <summary>Of every trial and of the control beside it.</summary>
    public const int UnitsPerArm = 2_500;

    private readonly TestClock _clock;
    private readonly TestDatabase _database;
    private readonly OpenJournal _journal;
    private readonly StudyActions _studies;
    private readonly StudyLoop _loop;
    private readonly long _seed;
    private readonly FallingDatabases _falling;
    private DecisionPoint _point = null!;
    private long _users;

    private NotificationLoop(TestDatabase database, TestClock clock, long seed, int fallAt, bool fallAfter)
    {
        (_database, _clock, _seed) = (database, clock, seed);
        _falling = new(database.Databases, fallAt, fallAfter);
        Directory.CreateDirectory(Path.Combine(database.Directory, "journal"));
        _journal = new(Path.Combine(database.Directory, "journal"), clock);
        var (ids, changes) = (database.Get<Ids>(), database.Get<ChangeFeed>());
        var experiments = new ExperimentActions(_falling, clock, ids, changes);
        var live = new LiveTrials(_falling, experiments, new(_falling, _journal.Exposures, _journal.Work, clock, ids, changes), clock, changes);
        _studies = new(database.Databases, live, clock, ids, changes);
        _loop = new(_falling, null!, live, null!, clock, ids, changes, NullLogger<StudyLoop>.Instance);
    }

    private int _pauses, _falls;

    /// <summary>Runs a study to its end. The same arguments give the same run.</summary>
    /// <param name="seed">Of the study, of its users, and of who gets which arm.</param>
    /// <param name="fallAt">Save of the loop at which it falls, from 1, and goes on anew; 0 for never.</param>
    /// <param name="fallAfter">Whether that save is kept.</param>
    public static async Task<NotificationRun> RunAsync(long seed, int unitsPerArm, int trials = 40, int fallAt = 0, bool fallAfter = false)
    {
        var clock = new TestClock();
        await using var database = await TestDatabase.CreateAsync(clock);
        await using var loop = new NotificationLoop(database, clock, seed, fallAt, fallAfter);
        var progress = await loop.RunAsync(NotificationDemo.Plan(unitsPerArm, seed) with { Trials = trials, ReadMinutes = 0 });
        return new(progress, loop._pauses, loop._falling.Saves, loop._falls);
    }

    private async Task<StudyProgress> RunAsync(StudyPlan plan)
    {
        await PublishAsync();
        var id = (await _studies.CreateAsync(Caller.System, new("Notifications", _point.Key, plan), default)).Value;
        if (await _studies.StartAsync(Caller.System, id, default) is { } refusal) throw new InvalidOperationException(refusal.Reason);
        var queries = new StudyQueries(_database.Databases);
        for (var round = 0; round < 20 * plan.Trials; round++)
        {
            await AdvanceAsync();
            var progress = (await queries.FindAsync(Caller.System, id, default)).Value!;
            if (progress.Study.State is StudyState.Finished or StudyState.Stopped) return progress;
            if (progress.Study.State == StudyState.Paused)
            {
                _pauses++;
                if (await _studies.ResumeAsync(Caller.System, id, default) is { } stuck) throw new InvalidOperationException(stuck.Reason);
            }
            await ServeAsync((int)(1.06 * plan.UnitsPerArm * (plan.Batch + 1)));
            _clock.Turn(TimeSpan.FromHours(1));
        }
        throw new InvalidOperationException("The study does not end.");
    }

    private async Task AdvanceAsync()
    {
        try
        {
            await _loop.AdvanceAllAsync(default);
        }
        catch (FallingDatabases.FallException)
        {
            _falls++;
            await _loop.AdvanceAllAsync(default);
        }
    }

    private async Task PublishAsync()
    {
        await using var db = await _database.Databases.CreateDbContextAsync();
        _point = new DecisionPoint { Id = Guid.CreateVersion7(_clock.GetUtcNow()), Key = NotificationDemo.DecisionPointKey, Name = "Notifications", CurrentVersion = 1, Salt = _seed };
        db.Add(_point);
        db.Add(new Blueprint { Id = Guid.CreateVersion7(_clock.GetUtcNow()), DecisionPointId = _point.Id, Version = 1, Content = BlueprintJson.Write(NotificationDemo.Content()), Hash = "h" });
        await db.SaveChangesAsync();
    }

    // Users come once, ask for the settings of the rule, and live with them.
    private async Task ServeAsync(int count)
    {
        await using var db = await _database.Databases.CreateDbContextAsync();
        if (await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.State == ExperimentState.Running) is not { } experiment) return;
        var salt = 1_000 * _seed + await db.Set<Experiment>().CountAsync(); // its own is drawn by chance, and a run is to be repeatable
        var arms = ExperimentJson.ReadPlan(experiment.Plan).Arms.Select(a => new ArmSource(a.Key, a.Weight, a.Option, a.Policy, a.BlueprintVersion));
        var snapshot = ServingSnapshot.Compile(new(_clock.GetUtcNow(),
        [
            new(_point.Id, _point.Key, _point.Salt, 1, false, false, true, [new(1, BlueprintJson.Write(NotificationDemo.Content()))], [], [],
                [new(experiment.Id, experiment.Key, salt, 1, 0, true, experiment.StartedAt!.Value, [.. arms])]),
        ]));
        var point = snapshot.Find(_point.Key)!;
        var workspace = new DecisionWorkspace();
        foreach (var users in Enumerable.Range(0, count).Select(_ => _users++).Chunk(500))
        {
            var decided = users.Select(user => Decide(snapshot, point, user, workspace)).ToArray();
            await _journal.Journal.AppendAsync(decided, false, default);
            var observed = users.Zip(decided).Select(u => Observed(u.First, u.Second)).Where(o => o.Length > 0).ToArray();
            if (observed.Length > 0) await _journal.Journal.AppendAsync(observed, default);
        }
    }

    private DecisionRecord Decide(ServingSnapshot snapshot, DecisionPointSnapshot point, long user, DecisionWorkspace workspace)
    {
        var id = $"user-{user}";
        var unit = Encoding.UTF8.GetBytes(id);
        var decision = DecisionEngine.Decide(snapshot, point, new(unit, unit, "{}"u8), workspace);
        return new()
        {
            Id = $"d-{user}", DecisionPointId = point.Id, Unit = id, Time = _clock.GetUtcNow(), BlueprintVersion = 1, Option = -1, Propensity = decision.Propensity, Reason = decision.Reason,
            ExperimentId = decision.Experiment?.Id, Arm = decision.Arm, Served = ReadOnlyMemory<byte>.Empty, Configuration = decision.Answer.Configuration!.Utf8,
        };
    }

    private ObservationRecord[] Observed(long user, DecisionRecord decided)
    {
        var (worth, optedOut) = NotificationProduct.User(NotificationDemo.PolicyOf(Encoding.UTF8.GetString(decided.Configuration.Span)), 1_000 + _seed, user);
        ObservationRecord Of(string outcome, double value) =>
            new() { Id = $"{outcome}-{user}", DecisionId = decided.Id, Outcome = outcome, Value = value, Time = _clock.GetUtcNow(), ReceivedAt = _clock.GetUtcNow() };
        return [.. worth > 0 ? [Of(NotificationDemo.Worth, worth)] : (ObservationRecord[])[], .. optedOut ? [Of(NotificationDemo.OptOut, 1)] : (ObservationRecord[])[]];
    }

    public async ValueTask DisposeAsync() => await _journal.DisposeAsync();
}

/// <param name="Saves">Of the loop.</param>
public sealed record NotificationRun(StudyProgress Progress, int Pauses, int Saves, int Falls);

/// <summary>What can be had from the notification product at best: found by simulating many policies, the promising ones on more and more users.</summary>
public sealed class NotificationTruth
{
    private static readonly ImmutableArray<Parameter> s_parameters =
        [.. NotificationDemo.Content().Parameters.Select(p => new Parameter(p.Name, ParameterKind.Real) { Low = p.Low, High = p.High })];

    private readonly int _users;

    /// <param name="policies">How many are tried.</param>
    /// <param name="users">On how many users a policy is judged.</param>
    public NotificationTruth(int policies, int users)
    {
        _users = users;
        Present = Of(NotificationPolicy.Present);
        var design = new Sobol(4);
        var point = new double[4];
        List<NotificationPolicy> kept = [];
        for (var i = 1u; i <= policies; i++)
        {
            design.Point(i, point);
            kept.Add(PolicyAt(point));
        }
        for (var sample = users / 40; sample < users; sample *= 4)
        {
            var limit = NotificationProduct.Simulate(NotificationPolicy.Present, sample, Seed).OptOuts;
            kept = [.. kept.Select(p => (Policy: p, Figures: NotificationProduct.Simulate(p, sample, Seed))).Where(p => p.Figures.OptOuts <= 1.25 * limit)
                .OrderByDescending(p => p.Figures.Worth).Take(Math.Max(12, kept.Count / 8)).Select(p => p.Policy)];
        }
        Best = kept.Select(Of).Where(IsKept).Select(f => f.Worth).Append(Present.Worth).Max();
    }

    private const long Seed = 99;

    public NotificationFigures Present { get; }

    /// <summary>Highest worth among policies under which no more users opt out than at present.</summary>
    public double Best { get; }

    public NotificationFigures Of(NotificationPolicy policy) => NotificationProduct.Simulate(policy, _users, Seed);

    public NotificationFigures Of(IReadOnlyDictionary<string, ParameterValue> values) =>
        Of(new NotificationPolicy(values["threshold"].Number, values["clickWeight"].Number, values["worthWeight"].Number, values["restWeight"].Number));

    public bool IsKept(NotificationFigures figures) => figures.OptOuts <= Present.OptOuts;

    private static NotificationPolicy PolicyAt(double[] point) => new(s_parameters[0].At(point[0]).Number, s_parameters[1].At(point[1]).Number, s_parameters[2].At(point[2]).Number, s_parameters[3].At(point[3]).Number);
}
