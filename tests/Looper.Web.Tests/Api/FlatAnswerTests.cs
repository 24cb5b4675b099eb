using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Serving;
using Looper.Testing.Events;
using Looper.Web.Api;

namespace Looper.Web.Tests.Api;

/// <summary>An answer written by hand must be the framework's, byte for byte, and be left to it wherever something is to be escaped.</summary>
public sealed class FlatAnswerTests
{
    private static readonly Guid s_experiment = new("019aa000-0000-7000-8000-000000000009");

    [Fact]
    public void What_is_written_by_hand_is_what_the_frameworks_writer_writes()
    {
        string[] texts = ["plain", "with space", "it's <b>&amp;+/`", "caf\u00e9", "a\"b", "a\\b", "tab\t", "\u007f", "💥", "~", new('x', 1_000)];
        double[] numbers = [0.25, 1.0 / 3, 1, 1e-7, 1e21, -0.0, 123456.789, double.NaN];
        var (byHand, left) = (0, 0);
        var names = new RecordBytes();
        foreach (var shape in new[] { DecisionShape.Choice, DecisionShape.Binary, DecisionShape.Value })
        {
            foreach (var text in texts)
            {
                var point = Point(shape, text);
                foreach (var number in numbers)
                {
                    var record = Recorded.Decision(text.Length > 128 ? "d-1" : text, option: shape == DecisionShape.Value ? -1 : 1, experiment: number > 1 ? s_experiment : null, arm: number > 1 ? 0 : -1) with
                    {
                        Propensity = number, Value = number, ModelNumber = number > 0.3 ? 7 : 0, Marks = number < 0.3 ? RecordMarks.Default : RecordMarks.None,
                    };
                    foreach (var answer in new[] { new DecisionAnswer(record, point, IsRecorded: true, IsReplay: false), new DecisionAnswer(record, point, IsRecorded: number > 0.3, IsReplay: true) })
                    {
                        var room = new byte[FlatAnswer.MostBytes];
                        if (!FlatAnswer.TryWrite(answer, room, out var length))
                        {
                            left++;
                            Assert.False(FlatAnswer.TryWriteItem(answer, room, out _));
                            continue;
                        }
                        byHand++;
                        var expected = Written(answer);
                        Assert.Equal(expected, Encoding.UTF8.GetString(room, 0, length));
                        Assert.True(FlatAnswer.TryWriteItem(answer, room, out length));
                        Assert.Equal($"{{\"status\":200,\"result\":{expected}{(answer.IsReplay ? ",\"replayed\":true" : "")}}}", Encoding.UTF8.GetString(room, 0, length));
                        Assert.False(FlatAnswer.TryWriteItem(answer, room.AsSpan(0, length - 1), out _)); // no room
                        AssertSame(answer with { Record = OfBytes(record, names) }, expected);
                    }
                }
            }
        }
        Assert.True(byHand > 100 && left > 100, $"{byHand} by hand, {left} left");
    }

    [Theory, InlineData("plain"), InlineData("d"), InlineData("café"), InlineData("a\"b"), InlineData("a\\b"), InlineData("tab\t"), InlineData("💥")]
    public void An_id_that_came_as_bytes_is_written_as_its_text(string id)
    {
        var answer = new DecisionAnswer(OfBytes(Recorded.Decision(id), new()), Point(DecisionShape.Choice, "plain"), IsRecorded: true, IsReplay: false);
        var room = new byte[FlatAnswer.MostBytes];
        Assert.Equal(id is "plain" or "d", FlatAnswer.TryWrite(answer, room, out _));
        AssertSame(answer, Written(answer with { Record = Recorded.Decision(id) }));
    }

    [Fact]
    public void An_id_that_was_made_here_is_written_as_its_text()
    {
        var made = new DecisionRecord(new("01980a3e-77aa-7c11-9d5e-0123456789ab"))
        {
            Id = null, DecisionPointId = Recorded.Banner, Unit = "user-1", Time = Recorded.Noon, BlueprintVersion = 3, Option = 1, Propensity = 0.5, Reason = Reason.Policy, Served = Recorded.Row(),
        };
        var answer = new DecisionAnswer(made, Point(DecisionShape.Choice, "plain"), IsRecorded: true, IsReplay: false);
        var room = new byte[FlatAnswer.MostBytes];
        Assert.True(FlatAnswer.TryWrite(answer, room, out var length));
        Assert.StartsWith("{\"decisionId\":\"01980a3e-77aa-7c11-9d5e-0123456789ab\",", Encoding.UTF8.GetString(room, 0, length));
        Assert.Equal(Written(answer), Encoding.UTF8.GetString(room, 0, length));
        for (var few = 0; few < length; few++) Assert.False(FlatAnswer.TryWrite(answer, room.AsSpan(0, few), out _));
    }

    private static void AssertSame(in DecisionAnswer answer, string expected)
    {
        var room = new byte[FlatAnswer.MostBytes];
        Assert.Equal(expected, FlatAnswer.TryWrite(answer, room, out var length) ? Encoding.UTF8.GetString(room, 0, length) : Written(answer));
    }

    private static DecisionRecord OfBytes(DecisionRecord record, RecordBytes names) =>
        new(default, Encoding.UTF8.GetBytes(record.Id), Encoding.UTF8.GetBytes(record.Unit), record.Served.Span, names)
        {
            DecisionPointId = record.DecisionPointId, Time = record.Time, BlueprintVersion = record.BlueprintVersion, Option = record.Option, Value = record.Value, Propensity = record.Propensity,
            Reason = record.Reason, ExperimentId = record.ExperimentId, Arm = record.Arm, ModelNumber = record.ModelNumber, Marks = record.Marks,
        };

    private static DecisionPointSnapshot Point(DecisionShape shape, string option)
    {
        var source = new PointSource(Recorded.Banner, "banner", 42, 3, false, false, false, [], [new(3, shape, ["none", option])], [], [
            new(s_experiment, option, 1, 1, 0, IsRunning: false, Recorded.Noon, [new("arm " + option, 1, null, null, null)]),
        ]);
        return DecisionPointSnapshot.Compile(source);
    }

    private static string Written(in DecisionAnswer answer)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true })) answer.Write(json);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
