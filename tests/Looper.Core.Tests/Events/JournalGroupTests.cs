using Looper.Core.Events;
using Looper.Core.Events.Histories;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Core.Tests.Events;

/// <summary>A batch that is being written, and calls that come meanwhile.</summary>
public sealed class JournalGroupTests : IDisposable
{
    private const int Batch = 200;

    private readonly TemporaryDirectory _folder = new();
    private readonly LooperMeter _meter = new();
    private readonly AppendLine _line = new(10_000);
    private readonly EventActivity _activity = new(new());
    private readonly JournalGroup _group;
    private readonly EventLog _log;

    public JournalGroupTests()
    {
        var options = JournalOptions.In(_folder.Path);
        var corrupt = new CorruptRecords(NullLogger<CorruptRecords>.Instance);
        _log = new(options, _activity, corrupt, new HistoryFeed(options, corrupt, _meter, TimeProvider.System));
        _group = new(_line, most: 1_000);
    }

    public void Dispose()
    {
        _log.Dispose();
        _meter.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task R17_a_call_that_comes_is_committed_before_the_rest_of_the_batch()
    {
        var (batch, call, later) = (Decisions(durable: false), Decision("call"), Decision("later"));
        Take(batch);
        _line.TryAdd(call);
        Assert.Equal([call], Commit());
        Assert.InRange(Stored, 2, Batch); // some of the batch went with it
        _line.TryAdd(later);
        Assert.Equal([later], Commit());
        Assert.Equal([batch], Commit());
        Assert.False(_group.HasMore);
        Assert.Equal(Batch + 2, Stored);
        batch.Answer();
        Assert.All(await batch.Answered, a => Assert.Equal(AppendStatus.Stored, a.Status));
    }

    [Fact]
    public void Where_nobody_waits_batches_are_written_in_one_transaction()
    {
        DecisionsAppend[] batches = [Decisions(durable: false), Decisions(durable: true, "e")];
        Take(batches);
        Assert.Equal(batches, Commit());
        Assert.False(_group.HasMore);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_was_committed_of_a_batch_that_fails_later_was_stored_unless_it_had_to_be_flushed(bool durable)
    {
        var (batch, call, late) = (Decisions(durable), Decision("call"), Decision("late"));
        Take(batch);
        _line.TryAdd(call);
        Commit();
        var kept = Stored - 1;
        _line.TryAdd(late);
        _log.Begin();
        _group.Write(_log);
        _log.Rollback();
        var refused = new List<Append>();
        _group.Abandon(refused);
        Assert.Equal([batch, late], refused); // the other call has its answer
        Assert.False(_group.HasMore);
        batch.Refuse(AppendStatus.Unavailable);
        Assert.Equal(durable ? 0 : kept, (await batch.Answered).Count(a => a.Status == AppendStatus.Stored));
        Assert.Equal(AppendStatus.Unavailable, (await batch.Answered)[^1].Status);
    }

    [Fact]
    public void What_has_its_answer_is_not_given_up_with_the_rest()
    {
        var batch = Decisions(durable: false);
        Take(batch);
        _line.TryAdd(Decision("call"));
        Commit();
        var refused = new List<Append>();
        _group.Abandon(refused);
        Assert.Equal([batch], refused);
    }

    private long Stored => _activity.Of(Recorded.Banner).Decisions;

    private void Take(params Append[] appends)
    {
        foreach (var append in appends) Assert.Equal(AppendStatus.Stored, _line.TryAdd(append));
        _group.Take(TimeSpan.Zero, company: 1, TimeSpan.Zero);
    }

    private Append[] Commit()
    {
        _log.Begin();
        _group.Write(_log);
        _log.Commit();
        _group.Committed();
        return _group.Written.ToArray();
    }

    private static DecisionsAppend Decisions(bool durable, string prefix = "d") => new(Enumerable.Range(0, Batch).Select(i => Recorded.Decision($"{prefix}-{i}")).ToArray(), durable);

    private static DecisionAppend Decision(string id)
    {
        var append = new DecisionAppend(_ => { });
        append.Use(Recorded.Decision(id), durable: false);
        return append;
    }
}
