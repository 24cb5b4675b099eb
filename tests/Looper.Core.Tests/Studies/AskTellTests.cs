using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Core.Studies;
using Looper.Testing;
using static Looper.Core.Tests.Studies.StudyRuns;

namespace Looper.Core.Tests.Studies;

/// <summary>What an application may do wrong with a study it drives, and the state that this leaves.</summary>
public sealed class AskTellTests : IAsyncDisposable
{
    private readonly TestClock _clock = new();
    private TestDatabase _database = null!;
    private AskTell _askTell = null!;
    private Guid _id;

    private async Task StartAsync(StudyPlan? plan = null)
    {
        _database = await TestDatabase.CreateAsync(_clock);
        _askTell = new(_database.Databases, _clock, _database.Get<Ids>(), _database.Get<ChangeFeed>());
        _id = await StartedAsync(_database, (plan ?? Plan()) with { Source = TrialSource.External, SimulatorUrl = null });
    }

    private async Task<Asked> AskAsync()
    {
        var asked = await _askTell.AskAsync(Caller.System, _id, 1, default);
        Assert.Null(asked.Refusal);
        return asked.Value!.Single();
    }

    private async Task TellAsync(int trial, double value, double cost, double standardError = double.NaN) =>
        Assert.Null(await _askTell.TellAsync(Caller.System, _id, new(trial, Metrics(value, cost, standardError)), default));

    private static ImmutableSortedDictionary<string, TrialMetric> Metrics(double value, double cost, double standardError) =>
        ImmutableSortedDictionary<string, TrialMetric>.Empty.Add("value", new(value, standardError)).Add("cost", new(cost, standardError));

    private async Task<StudyProgress> ProgressAsync() => (await new StudyQueries(_database.Databases).FindAsync(Caller.System, _id, default)).Value!;

    [Fact]
    public async Task Trials_that_all_fail_pause_the_study_and_an_asker_learns_why()
    {
        await StartAsync();
        for (var i = 0; i < 5; i++) Assert.Null(await _askTell.TellAsync(Caller.System, _id, new((await AskAsync()).Trial, Failed: true, Note: "disk full"), default));
        const string Reason = "The last 5 trials failed, the newest so: disk full. Mend what measures them, then resume.";
        var refusal = (await _askTell.AskAsync(Caller.System, _id, 1, default)).Refusal!;
        Assert.Equal(("study.paused", $"'Thresholds' is paused: {Reason}"), (refusal.Code, refusal.Reason));
        var progress = await ProgressAsync();
        Assert.Equal((StudyState.Paused, Reason, null), (progress.Study.State, progress.Next, progress.Best));
        var actions = StudyRuns.Actions(_database);
        Assert.Null(await actions.ResumeAsync(Caller.System, _id, default));
        await TellAsync((await AskAsync()).Trial, 1, 1, 0.1);
        Assert.NotNull((await ProgressAsync()).Best);
    }

    [Fact]
    public async Task A_note_as_long_as_there_is_room_for_pauses_the_study_in_words_that_have_room_too()
    {
        await StartAsync();
        for (var i = 0; i < 5; i++) Assert.Null(await _askTell.TellAsync(Caller.System, _id, new((await AskAsync()).Trial, Failed: true, Note: new('x', 2_000)), default));
        var (study, _) = await StoredAsync(_database, _id);
        Assert.Equal((StudyState.Paused, 2_000), (study.State, study.Reason!.Length)); // of its column
    }

    [Fact]
    public async Task A_budget_of_failures_ends_with_nothing_to_keep()
    {
        await StartAsync(Plan(3));
        for (var i = 0; i < 3; i++) Assert.Null(await _askTell.TellAsync(Caller.System, _id, new((await AskAsync()).Trial, Failed: true), default));
        var progress = await ProgressAsync();
        Assert.Equal((StudyState.Finished, "All 3 trials are done, and none could be measured: there is nothing to keep."), (progress.Study.State, progress.Study.Reason));
        Assert.Null(progress.Best);
    }

    [Fact]
    public async Task A_metric_that_never_arrives_fails_its_trial_after_the_days_and_the_study_goes_on()
    {
        await StartAsync(Plan(2));
        var forgotten = await AskAsync();
        var loop = Loop(_database, _database.Databases, new Simulator());
        _clock.Turn(TimeSpan.FromDays(13.9));
        await loop.AdvanceAllAsync(default);
        Assert.Equal(StudyTrialState.Running, (await StoredAsync(_database, _id)).Trials.Single().State);
        _clock.Turn(TimeSpan.FromDays(0.2));
        await loop.AdvanceAllAsync(default);
        var trial = (await StoredAsync(_database, _id)).Trials.Single();
        Assert.Equal((StudyTrialState.Failed, "Nothing was told of it in 14 days."), (trial.State, trial.Note));
        var late = await _askTell.TellAsync(Caller.System, _id, new(forgotten.Trial, Metrics(1, 1, 0.1)), default);
        Assert.Equal($"Trial 1 failed at {_clock.GetUtcNow():u}: Nothing was told of it in 14 days. It stays so; ask for another setting.", late!.Reason);
        var next = await AskAsync();
        Assert.NotEqual(forgotten.Parameters, next.Parameters);
        await TellAsync(next.Trial, 1, 1, 0.1);
        Assert.Equal((StudyState.Finished, "All 2 trials are done."), ((await ProgressAsync()).Study.State, (await ProgressAsync()).Study.Reason));
    }

    [Theory] // exact, with errors, and with errors nobody knows
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(double.NaN)]
    public async Task A_constant_metric_ends_with_the_budget_and_claims_nothing(double standardError)
    {
        await StartAsync(Plan(12));
        var asked = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            var next = await AskAsync();
            asked.Add(StudyJson.Write(next.Parameters));
            await TellAsync(next.Trial, 2, 1, standardError);
        }
        var progress = await ProgressAsync();
        Assert.Equal(StudyState.Finished, progress.Study.State);
        Assert.True(double.IsNaN(progress.CrossValidation["value"].RSquared));
        Assert.All(progress.Importance, i => Assert.True(double.IsNaN(i.Total)));
        Assert.Equal(2, progress.Best!.Predicted["value"].Mean, 1e-6);
        Assert.All(progress.BestSoFar, b => Assert.Equal(2, b.Goal.Mean, 1e-6));
        if (standardError == 0) Assert.Equal(12, asked.Distinct().Count());
    }

    [Fact]
    public async Task A_guardrail_that_every_trial_breaks_ends_the_study_without_a_safe_best()
    {
        await StartAsync(Plan(60));
        for (var i = 0; i < 16; i++) await TellAsync((await AskAsync()).Trial, i, 5 + 0.01 * i, 0.01);
        var progress = await ProgressAsync();
        Assert.Equal((StudyState.Finished, "None of 16 trials keeps the guardrails. Loosen them, or widen the ranges."), (progress.Study.State, progress.Study.Reason));
        Assert.False(progress.Best!.IsSafe);
        Assert.All(progress.Trials, t => Assert.InRange(t.Chances["cost"], 0, 0.5));
    }

    [Fact]
    public async Task Who_keeps_two_trials_open_is_given_no_more_once_there_is_little_to_gain()
    {
        await StartAsync(Plan(60) with { StopBelowGain = 0.05 });
        while ((await _askTell.AskAsync(Caller.System, _id, 2, default)).Value is [var first, ..]) await TellAsync(first.Trial, 2, 1, 0.01);
        var (study, trials) = await StoredAsync(_database, _id);
        Assert.Equal((StudyState.Finished, $"The next trial is expected to beat the best by less than 0.05: {trials.Count} of 60 trials were needed."), (study.State, study.Reason));
        Assert.InRange(trials.Count, 6, 40);
    }

    [Fact]
    public async Task Who_keeps_two_trials_open_is_given_no_more_once_the_days_are_over()
    {
        await StartAsync(Plan(60) with { Days = 1 });
        var open = (await _askTell.AskAsync(Caller.System, _id, 2, default)).Value!;
        _clock.Turn(TimeSpan.FromDays(1.1));
        await TellAsync(open[0].Trial, 2, 1, 0.1);
        Assert.Equal(open[1].Trial, (await _askTell.AskAsync(Caller.System, _id, 2, default)).Value!.Single().Trial);
        await TellAsync(open[1].Trial, 2, 1, 0.1);
        var (study, trials) = await StoredAsync(_database, _id);
        Assert.Equal((StudyState.Finished, "Its 1 days are over.", 2), (study.State, study.Reason, trials.Count));
    }

    [Fact] // told within the days, asked after them
    public async Task The_first_to_ask_after_the_days_ends_the_study()
    {
        await StartAsync(Plan(60) with { Days = 1 });
        await TellAsync((await AskAsync()).Trial, 2, 1, 0.1);
        _clock.Turn(TimeSpan.FromDays(1.1));
        Assert.Empty((await _askTell.AskAsync(Caller.System, _id, 2, default)).Value!);
        Assert.Equal((StudyState.Finished, "Its 1 days are over."), ((await StoredAsync(_database, _id)).Study is var study ? (study.State, study.Reason) : default));
    }

    [Theory]
    [InlineData(1e300)]
    [InlineData(-1e300)]
    [InlineData(1e-300)]
    public async Task A_wild_number_leaves_the_study_able_to_go_on(double wild)
    {
        await StartAsync(Plan(10));
        for (var i = 0; i < 10; i++) await TellAsync((await AskAsync()).Trial, i == 3 ? wild : i, 1, 0.1);
        var progress = await ProgressAsync();
        Assert.Equal(StudyState.Finished, progress.Study.State);
        Assert.Equal(10, progress.Trials.Count(t => t.State == StudyTrialState.Measured));
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null) await _database.DisposeAsync();
    }
}
