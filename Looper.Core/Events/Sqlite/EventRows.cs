using Looper.Core.Events.Records;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Looper.Core.Events.Sqlite;

/// <summary>Turns a row into a record, checked. The columns stand in the order of the two constants.</summary>
internal static class EventRows
{
    public const string Decision = "seq, id, point, time, unit, marks, payload";
    public const string Observation = "seq, id, decision, unit, time, marks, payload";

    public static DecisionColumns DecisionColumns(Statement row, PointTable points) =>
        new(new(row.Bytes(1), row.IsBlob(1)), points.IdOf(row.Int64(2)), row.Int64(3), row.Int64(4), (RecordMarks)row.Int64(5));

    /// <summary>Null for a bad record, which is reported.</summary>
    public static DecisionRecord? ReadDecision(Statement row, PointTable points, CorruptRecords corrupt)
    {
        var record = DecisionCodec.Read(DecisionColumns(row, points), row.Bytes(6));
        if (record is null) corrupt.Report("decisions", row.Int64(0));
        return record;
    }

    /// <summary>The same without a copy of it; false for a bad record, which is reported.</summary>
    public static bool TryReadDecision(Statement row, PointTable points, CorruptRecords corrupt, out DecisionColumns columns, out DecisionBody body)
    {
        columns = DecisionColumns(row, points);
        if (DecisionCodec.TryRead(columns, row.Bytes(6), out body)) return true;
        corrupt.Report("decisions", row.Int64(0));
        return false;
    }

    public static ObservationColumns ObservationColumns(Statement row) =>
        new(new(row.Bytes(1), row.IsBlob(1)), new(row.Bytes(2), row.IsBlob(2)), row.Int64(3), row.Int64(4), (RecordMarks)row.Int64(5));

    /// <summary>Null for a bad record, which is reported.</summary>
    public static ObservationRecord? ReadObservation(Statement row, CorruptRecords corrupt)
    {
        var record = ObservationCodec.Read(ObservationColumns(row), row.Bytes(6));
        if (record is null) corrupt.Report("observations", row.Int64(0));
        return record;
    }

    public static bool TryReadObserved(Statement row, CorruptRecords corrupt, out ObservedValue observed) => TryReadObserved(row, ObservationColumns(row), corrupt, out observed);

    /// <param name="columns">Of the same row.</param>
    public static bool TryReadObserved(Statement row, scoped in ObservationColumns columns, CorruptRecords corrupt, out ObservedValue observed)
    {
        if (ObservationCodec.TryRead(columns, row.Bytes(6), out observed)) return true;
        corrupt.Report("observations", row.Int64(0));
        return false;
    }

    public static Statement Bind(this Statement statement, int parameter, in EventKey key) =>
        key.IsBlob ? statement.Bind(parameter, key.Bytes) : statement.BindText(parameter, key.Bytes);

    /// <summary>Rows that the last statement inserted, changed or deleted.</summary>
    public static int Changes(this SqliteConnection connection) => raw.sqlite3_changes(connection.Handle);
}
