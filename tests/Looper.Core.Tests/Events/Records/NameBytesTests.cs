using System.Text;
using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events.Records;

/// <summary>A record whose names are still the bytes that came is the record of their texts.</summary>
public sealed class NameBytesTests
{
    private static readonly Guid s_made = Guid.Parse("01a21f1e-cb57-7005-8bbe-1b1124e5f9d0");

    [Theory]
    [InlineData("d-1", "user-1")]
    [InlineData("01a21f1e-cb57-7005-8bbe-1b1124e5f9d0", "u")]
    [InlineData("01A21F1E-CB57-7005-8BBE-1B1124E5F9D0", "u")]
    [InlineData("01a21f1ecb5770058bbe-1b1124e5f9d0----", "u")]
    [InlineData("01a21f1e-cb57-7005-8bbe-1b1124e5f9d", "u")]
    [InlineData("#0123456789abcdef", "Zoë 💥")]
    [InlineData("#0123456789abcdeF", "u")]
    [InlineData("#0123456789abcde", "u")]
    [InlineData("Café 7", "ünï©ode")]
    public void It_is_stored_byte_for_byte_alike(string id, string unit)
    {
        var (bytes, text) = (OfBytes(id, unit, new()), OfText(id, unit));
        Assert.Equal(Stored(text), Stored(bytes));
        Assert.Equal((id, unit, null), (bytes.Id, bytes.Unit, bytes.MadeId));
        Assert.Equal(Recorded.Row(), bytes.Served.ToArray());
    }

    [Fact]
    public void An_id_that_was_made_here_stays_a_number_until_its_text_is_asked_for()
    {
        var made = OfBytes("", "user-1", null);
        Assert.Equal((s_made, s_made.ToString("D"), 0), (made.MadeId!.Value, made.Id, made.IdUtf8.Length));
        Assert.Equal(Stored(OfText(s_made.ToString("D"), "user-1")), Stored(made));
    }

    [Fact]
    public void A_copy_with_another_name_keeps_the_other_one()
    {
        var record = OfBytes("d-1", "user-1", new());
        Assert.Equal(Stored(OfText("d-2", "user-1")), Stored(record with { Id = "d-2" }));
        Assert.Equal(Stored(OfText("d-1", "user-2")), Stored(record with { Unit = "user-2" }));
        Assert.Equal(Stored(OfText("d-2", "user-2")), Stored(record with { Unit = "user-2", Id = "d-2" }));
        Assert.Equal(("d-1", "user-1"), ((record with { Unit = null }).Id, (record with { Served = default, Id = null }).Unit));
    }

    [Fact]
    public void Many_that_came_together_do_not_write_over_each_other()
    {
        var together = new RecordBytes();
        DecisionRecord[] records = [.. Enumerable.Range(0, 2_000).Select(i => OfBytes($"d-{i}", i % 100 == 0 ? new string('u', 1_000 + i) : $"user-{i}", together))];
        for (var i = 0; i < records.Length; i++)
            Assert.Equal(($"d-{i}", i % 100 == 0 ? new string('u', 1_000 + i) : $"user-{i}"), (records[i].Id, records[i].Unit));
        Assert.All(records, r => Assert.Equal(Recorded.Row(), r.Served.ToArray()));
    }

    [Fact]
    public void One_of_many_is_one_object_and_its_bytes()
    {
        const int Many = 500;
        var (id, unit, kept) = ("decision-1234"u8.ToArray(), "user-1234"u8.ToArray(), new DecisionRecord[Many]);
        var row = Recorded.Row();
        var least = Allocations.Least(() =>
        {
            var together = new RecordBytes();
            for (var i = 0; i < Many; i++) kept[i] = new(default, id, unit, row, together) { DecisionPointId = Recorded.Banner, Propensity = 0.5 };
        });
        Assert.InRange(least / Many, 1, 224 + id.Length + unit.Length + row.Length + 16);
    }

    private static DecisionRecord OfBytes(string id, string unit, RecordBytes? among) =>
        Record(new(s_made, Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(unit), Recorded.Row(), among));

    private static DecisionRecord OfText(string id, string unit) => new()
    {
        Id = id, Unit = unit, Served = Recorded.Row(), DecisionPointId = Recorded.Banner, Time = Recorded.Noon, BlueprintVersion = 3, Option = 1, Propensity = 0.5, Reason = Reason.Policy,
    };

    private static DecisionRecord Record(DecisionRecord record) => record with { DecisionPointId = Recorded.Banner, Time = Recorded.Noon, BlueprintVersion = 3, Option = 1, Propensity = 0.5, Reason = Reason.Policy };

    private static (string Bytes, bool IsBlob, long Unit) Stored(DecisionRecord record)
    {
        var row = EncodedDecision.Of(record, new byte[EncodedDecision.Room(record)], 0);
        return (Convert.ToHexString(row.Bytes), row.Id.IsBlob, row.Unit);
    }
}
