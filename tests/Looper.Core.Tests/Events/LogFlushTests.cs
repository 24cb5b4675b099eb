using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Tests.Events;

public sealed class LogFlushTests : IDisposable
{
    private const int IoError = 10, FailedFlush = 1_034, FailedWrite = 778;

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact] // the system tells of a failed flush once: the next would succeed without the pages that were lost
    public void Once_a_flush_has_failed_in_work_that_went_alone_no_later_one_succeeds()
    {
        using var connection = EventFile.OpenForWriting(JournalOptions.In(_folder.Path));
        EventFile.Execute(connection, "UPDATE counted SET beats = beats + 1");
        var flush = new LogFlush(connection);
        flush.Run();
        Assert.Equal(FailedWrite, Assert.Throws<SqliteException>(() => flush.Alone(() => throw new SqliteException("", IoError, FailedWrite))).SqliteExtendedErrorCode);
        flush.Run(); // a write that failed lost nothing of what was committed
        Assert.Throws<SqliteException>(() => flush.Alone(() => throw new SqliteException("", IoError, FailedFlush)));
        Assert.Equal(FailedFlush, Assert.Throws<SqliteException>(flush.Run).SqliteExtendedErrorCode);
    }
}
