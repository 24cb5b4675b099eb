using Looper.Core.Events;
using Looper.Core.Events.Records;
using Looper.Core.Serving;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events.Records;

public sealed class CodecTests
{
    [Theory]
    [InlineData("01980a3e-77aa-7c11-9d5e-0123456789ab", true, 16)]
    [InlineData("#0123456789abcdef", false, 8)] // derived from the content
    [InlineData("#0123456789ABCDEF", false, 17)]
    [InlineData("#0123456789abcdeg", false, 17)]
    [InlineData("01980A3E-77AA-7C11-9D5E-0123456789AB", false, 36)] // another id: text is kept as sent
    [InlineData("order-7", false, 7)]
    [InlineData("größe", false, 7)]
    public void An_id_is_short_and_comes_back_as_sent(string id, bool isUuid, int bytes)
    {
        var key = EventKey.Of(id, new byte[EventKey.MaxBytes]);
        Assert.Equal((isUuid, bytes, id), (key.IsUuid, key.Bytes.Length, key.ToString()));
        var again = EventKey.OfTagged(Tagged(key));
        Assert.Equal((isUuid, bytes, id), (again.IsUuid, again.Bytes.Length, again.ToString()));
    }

    private static byte[] Tagged(in EventKey key)
    {
        var tagged = new byte[key.TaggedLength];
        key.WriteTagged(tagged);
        return tagged;
    }

    [Fact]
    public void An_id_that_was_made_here_is_stored_as_its_text_is()
    {
        var made = new Guid("01980a3e-77aa-7c11-9d5e-0123456789ab");
        var record = Made(null, made);
        var key = EventKey.Of(record, new byte[EventKey.Room(record)]);
        Assert.Equal(made.ToString(), record.Id);
        Assert.Equal(made, record.MadeId);
        Assert.Equal(Tagged(EventKey.Of(record.Id, new byte[EventKey.MaxBytes])), Tagged(key));
        Assert.Null(Made("given", made).MadeId);
        Assert.Null((record with { Id = "another" }).MadeId);
        Assert.Equal("another", EventKey.Of(record with { Id = "another" }, new byte[EventKey.MaxBytes]).ToString());
        Assert.Equal("given", EventKey.Of(Made("given", made), new byte[EventKey.MaxBytes]).ToString());
    }

    [Fact]
    public void A_decision_without_an_id_of_either_kind_is_none() => Assert.Throws<ArgumentNullException>(() => Made(null, default));

    [Fact]
    public void No_two_kinds_of_id_are_the_same_value_in_a_store()
    {
        var key = EventKey.Of("01980a3e-77aa-7c11-9d5e-0123456789ab", new byte[EventKey.MaxBytes]);
        Assert.NotEqual(Tagged(new EventKey(key.Bytes, isBlob: false)), Tagged(key)); // a text of those very bytes
        Assert.Equal(0, default(EventKey).TaggedLength);
        Assert.True(EventKey.OfTagged([]).Bytes.IsEmpty);
    }

    [Fact]
    public void Uuids_of_version_7_sort_as_bytes_in_the_order_they_were_made()
    {
        var ids = Enumerable.Range(0, 100).Select(i => Guid.CreateVersion7(Recorded.Noon.AddMilliseconds(i)).ToString()).ToArray();
        var bytes = Array.ConvertAll(ids, id => Convert.ToHexString(EventKey.Of(id, new byte[EventKey.MaxBytes]).Bytes));
        Assert.Equal(bytes.Order(StringComparer.Ordinal), bytes);
    }

    [Fact]
    public void R6_every_flipped_bit_of_a_decision_is_found()
    {
        var record = Recorded.Decision("d-1", option: 2, experiment: Guid.CreateVersion7(Recorded.Noon), arm: 1);
        var payload = DecisionCodec.Write(record, Columns("d-1"), new byte[DecisionCodec.MaxBytes(record)]).ToArray();
        Assert.NotNull(DecisionCodec.Read(Columns("d-1"), payload));
        for (var bit = 0; bit < payload.Length * 8; bit++)
        {
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(DecisionCodec.Read(Columns("d-1"), payload));
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void R6_a_decision_cut_anywhere_or_grown_is_found()
    {
        var record = Recorded.Decision("d-1");
        var payload = DecisionCodec.Write(record, Columns("d-1"), new byte[DecisionCodec.MaxBytes(record)]).ToArray();
        for (var length = 0; length < payload.Length; length++) Assert.Null(DecisionCodec.Read(Columns("d-1"), payload.AsSpan(0, length)));
        Assert.Null(DecisionCodec.Read(Columns("d-1"), [.. payload, 0]));
    }

    [Fact]
    public void R6_a_changed_key_column_is_found_though_the_payload_is_whole()
    {
        var record = Recorded.Decision("d-1");
        var payload = DecisionCodec.Write(record, Columns("d-1"), new byte[DecisionCodec.MaxBytes(record)]).ToArray();
        Assert.Null(DecisionCodec.Read(Columns("d-2"), payload));
        Assert.Null(DecisionCodec.Read(Columns("d-1", ticks: 1), payload));
        Assert.Null(DecisionCodec.Read(Columns("d-1", unit: 1), payload));
        Assert.Null(DecisionCodec.Read(Columns("d-1", point: Guid.Empty), payload));
        Assert.Null(DecisionCodec.Read(Columns("d-1", marks: RecordMarks.Simulated), payload));
    }

    [Fact]
    public void R6_every_flipped_bit_of_an_observation_is_found()
    {
        var record = Recorded.Observation("o-1", unit: "user-1", value: 24.9);
        var payload = ObservationCodec.Write(record, ObservationColumns(), new byte[ObservationCodec.MaxBytes(record)]).ToArray();
        Assert.Equal(record, ObservationCodec.Read(ObservationColumns(), payload));
        for (var bit = 0; bit < payload.Length * 8; bit++)
        {
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(ObservationCodec.Read(ObservationColumns(), payload));
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void An_observation_of_a_candidate_reads_back_and_one_of_none_is_as_short_as_before()
    {
        var whole = Recorded.Observation("o-1", unit: "user-1", value: 24.9);
        var record = whole with { Candidate = "Café 7" };
        byte[] Written(ObservationRecord of) => ObservationCodec.Write(of, ObservationColumns(), new byte[ObservationCodec.MaxBytes(of)]).ToArray();
        Assert.Equal(record, ObservationCodec.Read(ObservationColumns(), Written(record)));
        Assert.Equal("Café 7".Length + 2, Written(record).Length - Written(whole).Length); // its length, and its UTF-8
        var payload = Written(record);
        for (var bit = 0; bit < payload.Length * 8; bit++)
        {
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(ObservationCodec.Read(ObservationColumns(), payload));
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact] // RFC 3720, appendix B.4: CRC-32C of 32 zero bytes, of 32 bytes of ones, of 0 to 31
    public void The_checksum_is_the_published_one()
    {
        Assert.Equal(0x8A9136AAu, Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Of([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));

        static uint Of(byte[] bytes)
        {
            var checksum = new Checksum();
            checksum.Add(bytes);
            return checksum.Value;
        }
    }

    [Fact] // 200,000 names that differ little; a collision of 64 good bits has probability 1e-9
    public void Similar_units_do_not_share_a_hash()
    {
        var hashes = Enumerable.Range(0, 200_000).Select(i => UnitHash.Of($"user-{i}")).ToHashSet();
        Assert.Equal(200_000, hashes.Count);
    }

    [Fact]
    public void What_is_unknown_stays_unknown()
    {
        var record = Recorded.Decision("d-1") with { Propensity = double.NaN, Value = 12.25, Option = -1, Scores = [], Reason = Reason.DefaultNoModel };
        var read = DecisionCodec.Read(Columns("d-1"), DecisionCodec.Write(record, Columns("d-1"), new byte[DecisionCodec.MaxBytes(record)]));
        Assert.Equal((double.NaN, 12.25, -1, Reason.DefaultNoModel, 0), (read!.Propensity, read.Value, read.Option, read.Reason, read.Scores.Length));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1.0 / 3, 1)]
    [InlineData(1.0 / 255, 1)]
    [InlineData(1.0 / 256, 8)]
    [InlineData(0.3, 8)]
    [InlineData(0.33333333333333337, 8)] // the next above a third
    [InlineData(5e-324, 8)]
    [InlineData(0, 8)]
    [InlineData(double.NaN, 0)]
    public void An_even_chance_takes_a_byte_and_every_chance_comes_back_bit_for_bit(double propensity, int bytes)
    {
        byte[] Written(DecisionRecord of) => DecisionCodec.Write(of, Columns("d-1"), new byte[DecisionCodec.MaxBytes(of)]).ToArray();
        var record = Recorded.Decision("d-1") with { Propensity = propensity };
        Assert.Equal(BitConverter.DoubleToInt64Bits(propensity), BitConverter.DoubleToInt64Bits(DecisionCodec.Read(Columns("d-1"), Written(record))!.Propensity));
        Assert.Equal(bytes, Written(record).Length - Written(record with { Propensity = double.NaN }).Length);
    }

    [Theory, InlineData(0, 0), InlineData(1, 8), InlineData(ulong.MaxValue, 8)]
    public void A_decision_without_an_id_of_the_callers_carries_no_hash(ulong hash, int bytes)
    {
        byte[] Written(DecisionRecord of) => DecisionCodec.Write(of, Columns("d-1"), new byte[DecisionCodec.MaxBytes(of)]).ToArray();
        var record = Recorded.Decision("d-1") with { RequestHash = hash };
        Assert.Equal(hash, DecisionCodec.Read(Columns("d-1"), Written(record))!.RequestHash);
        Assert.Equal(bytes, Written(record).Length - Written(record with { RequestHash = 0 }).Length);
    }

    [Fact] // as the version before wrote it
    public void A_decision_of_the_version_before_is_read_and_its_flipped_bits_are_found()
    {
        var columns = new DecisionColumns(EventKey.Of("01a21f1e-cb57-7005-8bbe-1b1124e5f9d0", new byte[EventKey.MaxBytes]), Guid.Parse("01a21f1e-babc-7000-995d-b478a3c3e37f"),
            639314152415590750, 6136143755340883019, RecordMarks.None);
        var payload = Convert.FromHexString("016A00000097BBBE7602020100000000000000000000555555555555D53F09757365722D313539394A0C0A150C78230C56200CC9130CDD0F0CA4130C43250C40040CB5110CC00A0C83050C6D1C03020203876C6576656C2D38886C6576656C2D3335876C6576656C2D33886C6576656C2D3238");
        var read = DecisionCodec.Read(columns, payload)!;
        Assert.Equal(("user-1599", 1.0 / 3, 0ul, 1, 0, 74), (read.Unit, read.Propensity, read.RequestHash, read.BlueprintVersion, read.Option, read.Served.Length));
        Assert.Equal(payload.Length - 4 - 8 - 7, DecisionCodec.Write(read, columns, new byte[DecisionCodec.MaxBytes(read)]).Length); // its length, its hash, its chance
        for (var bit = 0; bit < payload.Length * 8; bit++)
        {
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(DecisionCodec.Read(columns, payload));
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void An_observation_of_the_version_before_is_read()
    {
        var record = Recorded.Observation("o-1", unit: "user-1", value: 24.9) with { Candidate = "Café 7" };
        var body = ObservationCodec.Write(record, ObservationColumns(), new byte[ObservationCodec.MaxBytes(record)])[PayloadWriter.HeaderBytes..];
        byte[] header = [1, .. BitConverter.GetBytes(body.Length)];
        var checksum = ObservationColumns().Check();
        checksum.Add(header);
        checksum.Add(body);
        byte[] before = [.. header, .. BitConverter.GetBytes(checksum.Value), .. body];
        Assert.Equal(record, ObservationCodec.Read(ObservationColumns(), before));
        before[^1] ^= 1;
        Assert.Null(ObservationCodec.Read(ObservationColumns(), before));
    }

    private static DecisionRecord Made(string? id, Guid made) => new(made)
    {
        Id = id, DecisionPointId = Recorded.Banner, Unit = "user-1", Time = Recorded.Noon, BlueprintVersion = 3, Option = 0, Propensity = 1, Reason = Reason.Policy, Served = Recorded.Row(),
    };

    private static DecisionColumns Columns(string id, long? ticks = null, long? unit = null, Guid? point = null, RecordMarks marks = RecordMarks.None) => new(
        EventKey.Of(id, new byte[EventKey.MaxBytes]), point ?? Recorded.Banner, ticks ?? Recorded.Noon.UtcTicks, unit ?? UnitHash.Of("user-1"), marks);

    private static ObservationColumns ObservationColumns() => new(
        EventKey.Of("o-1", new byte[EventKey.MaxBytes]), default, UnitHash.Of("user-1"), Recorded.Noon.UtcTicks, RecordMarks.None);
}
