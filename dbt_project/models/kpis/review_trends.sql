with clock as (
    select * from {{ ref('stg_issue_clock') }}
),

openings as (
    select
        *,
        {{ debt_weight('priority') }} as weight
    from {{ ref('stg_issue_openings') }}
),

reviews as (
    select
        reviews.*,
        clock.as_of,
        clock.is_stale,
        lag(reviews.health_score_overall) over (
            partition by reviews.scope order by reviews.run_date asc, reviews.id asc
        ) as health_before,
        max(reviews.run_date) over (
            partition by reviews.scope
            order by reviews.run_date
            range between unbounded preceding and interval '7' day preceding
        ) as run_week_before
    from {{ ref('stg_reviews') }} as reviews
    inner join clock on reviews.run_date <= clock.as_of
),

-- Of two reviews of a scope at one moment the last one counts.
moments as (
    select
        scope,
        run_date,
        health_score_overall,
        row_number() over (partition by scope, run_date order by id desc) as from_last
    from reviews
),

-- What is not yet known of issues is no debt of 0: no row before the first issue of the scope.
debts as (
    select
        reviews.id,
        count(case when not openings.is_reopening then 1 end) as known,
        count(case when {{ was_perhaps_open('openings', 'reviews.run_date') }} then 1 end) as undated,
        {{ whole_sum("case when " ~ was_open('openings', 'reviews.run_date') ~ " then openings.weight else 0 end") }}
            as debt
    from reviews
    inner join openings
        on reviews.run_date >= openings.opened_at and (reviews.scope = 'all' or reviews.scope = openings.category)
    group by reviews.id
),

known_debts as (
    select
        id,
        debt as issue_debt
    from debts
    where not {{ too_many_undated('undated', 'known') }}
),

final as (
    select
        reviews.id,
        reviews.run_date,
        reviews.scope,
        reviews.health_score_overall,
        reviews.health_score_planning,
        reviews.health_score_commands,
        reviews.health_score_agents,
        reviews.health_score_overall - reviews.health_before as health_delta,
        reviews.health_score_overall - moments.health_score_overall as health_delta_week,
        reviews.issues_found,
        reviews.issues_fixed,
        {{ rate('reviews.issues_fixed', 'reviews.issues_found') }} as burn_rate,
        case
            when reviews.issues_found is null then 'it is not known how many issues were found'
            when reviews.issues_found = 0 then 'no issue was found'
            when reviews.issues_fixed is null then 'it is not known how many issues were fixed'
        end as burn_reason,
        known_debts.issue_debt,
        known_debts.issue_debt - lag(known_debts.issue_debt) over (
            partition by reviews.scope order by reviews.run_date asc, reviews.id asc
        ) as debt_trend,
        reviews.time_spent_minutes,
        reviews.triggered_by,
        reviews.as_of,
        reviews.is_stale
    from reviews
    left join moments
        on reviews.scope = moments.scope and reviews.run_week_before = moments.run_date and moments.from_last = 1
    left join known_debts on reviews.id = known_debts.id
)

select * from final
