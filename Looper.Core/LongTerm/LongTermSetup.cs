using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.LongTerm;

public static class LongTermSetup
{
    public static IServiceCollection AddLongTerm(this IServiceCollection services) => services
        .AddSingleton<LongTermEstimation>().AddSingleton<LongTermActions>().AddSingleton<LongTermQueries>();
}
