using System.Text;
using Looper.Core.Events;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Api;

/// <summary>Visitors who saw the banners in turn: in one country ten percent sells, elsewhere free shipping.</summary>
internal static class BannerVisitors
{
    /// <summary>Puts their decisions and outcomes into the journal, and turns the clock ten minutes on, when all of them are known.</summary>
    /// <param name="from">Number of the first, which its ids end in.</param>
    /// <param name="arm">Arm that decided; null outside any experiment.</param>
    /// <param name="refunds">Chance that an option is sent back; null where nobody reports it.</param>
    public static async Task ComeAsync(
        LooperApp app, TestClock clock, Guid point, int from, int until, (Guid Experiment, int Index)? arm = null, string tenPercentSellsIn = "NL", Func<int, double>? refunds = null)
    {
        var (journal, time, random) = (app.Get<Journal>(), clock.GetUtcNow(), new Philox(5, "visitors", from));
        var writes = new List<Task>();
        for (var i = from; i < until; i++)
        {
            var (country, option) = (i / 3 % 2 == 0 ? "NL" : "DE", i % 3);
            writes.Add(journal.AppendAsync(new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = point, Unit = $"u{i}", Time = time, BlueprintVersion = 1, Option = option, Propensity = 1 / 3.0, Reason = Reason.Explore,
                ExperimentId = arm?.Experiment, Arm = arm?.Index ?? -1, Served = Served(country, i % 100),
            }, false, default).AsTask());
            void Observe(string id, string outcome, int after) => writes.Add(journal.AppendAsync(
                [new ObservationRecord { Id = id, DecisionId = $"d{i}", Outcome = outcome, Value = 1, Time = time.AddSeconds(after), ReceivedAt = time.AddSeconds(after) }], default).AsTask());
            if (random.Uniform() < (option == (country == tenPercentSellsIn ? 1 : 2) ? 0.9 : 0.1)) Observe($"o{i}", "purchase", 5);
            if (refunds is not null && random.Uniform() < refunds(option)) Observe($"r{i}", "refund", 9);
        }
        await Task.WhenAll(writes);
        clock.Turn(TimeSpan.FromMinutes(10));
    }

    private static byte[] Served(string country, double cart)
    {
        var bytes = new byte[128];
        var at = ServedRow.WriteText(bytes, Encoding.UTF8.GetBytes(country));
        at += ServedRow.WriteNumber(bytes.AsSpan(at), cart);
        return bytes[..at];
    }
}
