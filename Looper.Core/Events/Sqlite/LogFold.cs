using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Events.Sqlite;

/// <summary>Folds the write-ahead log into the database beside the writer, on a thread and a connection of its own, so that no append waits while
/// pages are copied and flushed. What was written meanwhile is folded in further rounds, until little is left, and that to the writer, which folds it between two
/// groups: only then can the log start over.</summary>
/// <remarks>Needs SQLite 3.51.3 or later: before, a commit that starts the log over could meet a fold and lose pages (sqlite.org/wal.html#walresetbug).</remarks>
internal sealed class LogFold : IDisposable
{
    private const int MostRounds = 6, FewPages = 400; // a round has only what came in during the one before

    private readonly SqliteConnection _connection;
    private readonly OpenFile _database;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private ExceptionDispatchInfo? _fault;
    private bool _asked, _ended, _closed, _isOld;

    /// <param name="done">Called on the fold's thread when one has ended.</param>
    public LogFold(JournalOptions options, Action done)
    {
        _connection = EventFile.OpenForFolding(options);
        _database = OpenFile.Database(_connection);
        _thread = new(() => Run(done)) { IsBackground = true, Name = "journal fold" };
        _thread.Start();
    }

    /// <summary>Starts a fold, unless one is under way or its end was not taken yet.</summary>
    public void Ask()
    {
        lock (_gate)
        {
            if (_asked || _ended) return;
            _asked = true;
            Monitor.Pulse(_gate);
        }
    }

    public bool HasEnded
    {
        get
        {
            lock (_gate) return _ended;
        }
    }

    /// <summary>True once for each fold that ended; throws what made it fail.</summary>
    public bool TakeEnd()
    {
        ExceptionDispatchInfo? fault;
        lock (_gate)
        {
            if (!_ended) return false;
            (fault, _fault, _ended) = (_fault, null, false);
        }
        fault?.Throw();
        return true;
    }

    /// <summary>The journal can write again: what a fold that began before could not do stops nothing any more, and is left to the writer's part. A failed flush stays
    /// one.</summary>
    public void ForgetFault()
    {
        lock (_gate)
        {
            _isOld = _asked;
            if (!IsFinal(_fault)) _fault = null;
        }
    }

    /// <summary>Waits for the one under way.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
        _connection.Dispose();
    }

    // SQLite flushes the database only where nothing of the log is left behind: without these flushes the writer's own part would wait for all that was copied before it.
    private void Fold()
    {
        using var checkpoint = new Statement(_connection, "PRAGMA wal_checkpoint(PASSIVE)");
        var folded = 0L;
        for (var round = 0; round < MostRounds; round++)
        {
            checkpoint.Step();
            var now = checkpoint.Int64(2);
            checkpoint.Reset();
            _database.Flush();
            if (now - folded <= FewPages) break;
            folded = now;
        }
    }

    private void Run(Action done)
    {
        while (true)
        {
            lock (_gate)
            {
                while (!_asked && !_closed) Monitor.Wait(_gate);
                if (_closed) return;
            }
            ExceptionDispatchInfo? fault = null;
            try
            {
                Fold();
            }
            catch (SqliteException failed)
            {
                fault = ExceptionDispatchInfo.Capture(failed);
            }
            lock (_gate) (_fault, _asked, _ended, _isOld) = (_isOld && !IsFinal(fault) ? null : fault, false, true, false);
            done();
        }
    }

    private static bool IsFinal(ExceptionDispatchInfo? fault) => fault is not null && LogFlush.IsFailed(fault.SourceException);
}
