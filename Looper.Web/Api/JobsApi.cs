namespace Looper.Web.Api;

public static class JobsApi
{
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
    }
}
